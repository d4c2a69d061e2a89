// The explorer, opened at its top: it would take the focus into the last argument.
import { explorerPlugin as plugin } from "@graphiql/plugin-explorer";
import { useEffect } from "react";

const OPENING = 500; // milliseconds in which nobody can have asked for the focus

function giveBack({ target }) {
  if (!target?.closest(".graphiql-explorer-root")) return;
  target.blur();
  target.closest(".graphiql-plugin").scrollTop = 0;
}

export function explorerPlugin() {
  const explorer = plugin({ showAttribution: false });
  const Content = explorer.content;

  function FromItsTop() {
    useEffect(() => {
      giveBack({ target: document.activeElement });
      const ignore = () => document.removeEventListener("focusin", giveBack);
      document.addEventListener("focusin", giveBack);
      const timer = setTimeout(ignore, OPENING);
      return () => {
        clearTimeout(timer);
        ignore();
      };
    }, []);
    return <Content />;
  }

  return { ...explorer, content: FromItsTop };
}
