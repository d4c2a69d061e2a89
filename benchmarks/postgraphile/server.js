// Serves the database of DATABASE on a free port; who sends a token signed with
// SIGNING_KEY is known to the database as `viewer.id`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { grafserv } from "postgraphile/grafserv/node";
import jwt from "jsonwebtoken";
import pg from "pg";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { postgraphile } from "postgraphile";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const connectionString = process.env.DATABASE;
const expected = { algorithms: ["HS256"], issuer: "gql_app", audience: "gql_app" };

function context({ node }) {
  const authorization = node?.req.headers.authorization;
  if (!authorization?.startsWith("Bearer ")) return {};
  const { sub } = jwt.verify(authorization.slice(7), process.env.SIGNING_KEY, expected);
  return { pgSettings: { "viewer.id": sub } };
}

const client = new pg.Client({ connectionString });
await client.connect();
await client.query(readFileSync(new URL("write_post.sql", import.meta.url), "utf8"));
await client.end();

const preset = {
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PostGraphileConnectionFilterPreset,
  ],
  pgServices: [makePgService({ connectionString, schemas: ["public"] })],
  grafserv: { graphiql: false, websockets: false, watch: false },
  grafast: { context, explain: false },
};

const service = postgraphile(preset).createServ(grafserv);
const server = createServer();
await service.addTo(server);
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/graphql`);
});
