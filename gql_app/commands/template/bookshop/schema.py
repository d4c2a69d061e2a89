"""The GraphQL schema; hand-written queries and mutations join it here."""

from gql_app.engine import build_schema

from bookshop.api import api

schema = build_schema(api)
