"""Rulings: how an entity's rule for an action is to be checked for a role."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql import visitors

from gql_app.engine.access import Rows, Scope, Seen, ruling
from gql_app.engine.entity import Computed, Entity
from gql_app.engine.policy import Action, everyone

Ruling = Literal["always", "never", "returned", "queried"]
"""Known without the rows; or a condition on their own columns, which RETURNING can
give; or one on other rows, too, which takes a query of its own."""


@lru_cache(4096)
def ruling_of(entity: Entity, action: Action, scope: Scope) -> Ruling:
    """How to find out whether the viewer may do that to a row."""
    condition = ruling(Rows(entity, entity.table), scope, action)
    if isinstance(condition, bool):
        return "always" if condition else "never"
    parts = visitors.iterate(condition)
    alone = not any(isinstance(part, sa.SelectBase | sa.Exists) for part in parts)
    return "returned" if alone else "queried"


def verdict(
    entity: Entity, action: Action, scope: Scope
) -> tuple[ColumnElement[bool], ...]:
    """What RETURNING adds for a ruling that is `returned`: whether the rule holds."""
    if ruling_of(entity, action, scope) != "returned":
        return ()
    condition = ruling(Rows(entity, entity.table), scope, action)
    return (sa.type_coerce(condition, sa.Boolean()).label("allowed"),)


@lru_cache(4096)
def function_of(entity: Entity, computed: Computed, scope: Scope) -> Callable[..., Any]:
    """The function of a computed field; it isn't called, and gives None, where a value
    is None that the viewer may not have been allowed to read."""
    seen = Seen(Rows(entity, entity.table), scope)
    guarded = [
        place
        for place, column in enumerate(computed.columns)
        if seen.shows(column) is not True
    ]
    if not guarded:
        return computed.function

    def call(*values: Any) -> Any:
        hidden = any(values[place] is None for place in guarded)
        return None if hidden else computed.function(*values)

    return call


def is_open(entity: Entity) -> bool:
    """Whether every viewer reads every row."""
    return entity.policy.read is everyone and entity.policy.within is None
