"""The plans of operations: compiled on first use, kept with the operation."""

import logging
from collections import Counter

from graphql import GraphQLError, GraphQLSchema

from gql_app.engine.access import Scope
from gql_app.engine.documents import Operation
from gql_app.engine.pages import PageParser
from gql_app.engine.plan.groups import Selections, UnsupportedError
from gql_app.engine.plan.leaves import Bail
from gql_app.engine.plan.plan import Plan, compile_plan
from gql_app.engine.statements import Statements
from gql_app.engine.variables import Values

logger = logging.getLogger(__name__)

_MOST_OF_ONE = 64


class Plans:
    """Plans by operation, role and what `@skip` and `@include` leave of the operation.

    They hold no reference cycles, and neither do operations: what a bounded cache drops
    is freed at once, without the garbage collector.

    `counts` says how operations were answered: by a plan ("planned"), without one
    because there can't be one ("unsupported"), or because it gave up ("bailed").
    """

    def __init__(
        self, schema: GraphQLSchema, statements: Statements, pages: PageParser
    ) -> None:
        self.counts: Counter[str] = Counter(planned=0, unsupported=0, bailed=0)
        self._schema = schema
        self._statements = statements
        self._pages = pages

    def get(
        self, operation: Operation, variables: Values, scope: Scope
    ) -> Plan | UnsupportedError:
        """The plan, or why there is none."""
        conditions = tuple([variables.get(name) for name in operation.conditions])
        key = ("plan", scope.role, conditions)
        found: Plan | UnsupportedError | None = operation.cache.get(key)
        if found is None:
            if len(operation.cache) > _MOST_OF_ONE:
                operation.cache.clear()
            found = operation.cache[key] = self._compile(operation, variables, scope)
        return found

    def bailed(self, operation: Operation, reason: Exception) -> None:
        """Note that a plan gave up."""
        self.counts["bailed"] += 1
        logger.info("The plan of %s gave up: %r", operation.title, reason)

    def _compile(
        self, operation: Operation, variables: Values, scope: Scope
    ) -> Plan | UnsupportedError:
        try:
            selections = Selections(self._schema, operation, variables)
            return compile_plan(selections, self._statements, scope, self._pages)
        except (UnsupportedError, GraphQLError, Bail) as reason:
            logger.info("There is no plan for %s: %s", operation.title, reason)
            if isinstance(reason, UnsupportedError):
                return reason.with_traceback(None)  # which holds all that was at hand
            return UnsupportedError("arguments that are an error")
