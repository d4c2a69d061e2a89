"""GraphQL over SQLModel: tables in, a complete GraphQL API out."""

from gql_app.engine.api import Api
from gql_app.engine.context import Context
from gql_app.engine.database import Database, normalise_url
from gql_app.engine.errors import EngineError, ErrorCode
from gql_app.engine.execution import Executor
from gql_app.engine.hooks import Change, Hooks
from gql_app.engine.limits import Limits
from gql_app.engine.policy import (
    ANONYMOUS,
    Claim,
    Expression,
    Policy,
    Rule,
    Viewer,
    ViewerTerms,
    everyone,
    nobody,
)
from gql_app.engine.records import Record
from gql_app.engine.responses import Request, Result
from gql_app.engine.scalars import COMPARISON, EQUALITY, TEXT, Scalar
from gql_app.engine.schema import build_schema

__all__ = [
    "ANONYMOUS",
    "COMPARISON",
    "EQUALITY",
    "TEXT",
    "Api",
    "Change",
    "Claim",
    "Context",
    "Database",
    "EngineError",
    "ErrorCode",
    "Executor",
    "Expression",
    "Hooks",
    "Limits",
    "Policy",
    "Record",
    "Request",
    "Result",
    "Rule",
    "Scalar",
    "Viewer",
    "ViewerTerms",
    "build_schema",
    "everyone",
    "nobody",
    "normalise_url",
]
