// The page: GraphiQL on the address it was served from.
import "./workers.js";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";

import { current } from "./current.js";
import { examples } from "./examples.js";
import { explaining } from "./explain.js";
import { explorerPlugin } from "./explorer.jsx";
import { planPlugin } from "./plan.jsx";
import { reaching } from "./reaching.js";
import { storage } from "./storage.js";

import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./app.css";

const endpoint = new URL(location.pathname, location.href);
const sockets = new URL(endpoint);
sockets.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

// With a URL, not a ready client, the Headers tab travels in connection_init.
const addresses = { url: endpoint.href, subscriptionUrl: sockets.href };
const fetcher = current(explaining(createGraphiQLFetcher({ ...addresses, fetch: reaching })));
const plugins = [explorerPlugin(), planPlugin];
const icon = document.querySelector("link[rel=icon]").href;
// Comments are allowed there, and nothing is sent before the line is completed.
const headersHint = `{
  // "Authorization": "Bearer ..."
}`;
// A link may carry an operation: /graphql?query=...&variables=...
const address = new URLSearchParams(location.search);
const linked = {
  query: address.get("query") ?? undefined,
  variables: address.get("variables") ?? undefined,
};

const root = document.getElementById("app");
const opened = [
  ...(linked.query ? [linked] : []),
  ...(root.dataset.examples ? examples : []),
];

// GraphiQL's frame follows the system by CSS; its editors have to be told.
function FollowSystemTheme() {
  const { setTheme } = useGraphiQLActions();
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    if (theme) return undefined;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(null);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}

createRoot(root).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    storage={storage}
    shouldPersistHeaders={false}
    defaultTabs={opened.length ? opened : undefined}
    defaultHeaders={headersHint}
    defaultEditorToolsVisibility={false}
    initialQuery={linked.query}
    initialVariables={linked.variables}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>
      <img src={icon} alt="" />
      gql_app
    </GraphiQL.Logo>
    <FollowSystemTheme />
  </GraphiQL>,
);
