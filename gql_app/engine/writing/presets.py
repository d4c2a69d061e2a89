"""Presets: what new rows get without being asked for, as SQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from gql_app.engine.access import Scope
from gql_app.engine.entity import Entity
from gql_app.engine.policy import Expression, ViewerTerms


def sql_presets(
    entity: Entity, scope: Scope
) -> dict[sa.Column[Any], ColumnElement[Any]]:
    """What the database itself finds for a new row."""
    viewer = ViewerTerms(scope.role)
    return {
        entity.columns[name].source: preset.of(viewer)
        for name, preset in entity.policy.presets.items()
        if isinstance(preset, Expression)
    }
