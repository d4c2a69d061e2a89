"""Registrations -> entities, read from the SQLModel classes."""

import inspect as python_inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from gql_app.engine.entity import Column, Computed, Entity, OrderTerm, Relation
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.hooks import Hooks
from gql_app.engine.input_models import check_policy, input_model
from gql_app.engine.mapping import ScalarMap, Scalars, allows_none, settling, strip
from gql_app.engine.names import camel, checked, plural, words
from gql_app.engine.policy import Policy
from gql_app.engine.relations import foreign_keys, relations, unique_groups


@dataclass(frozen=True, slots=True)
class Registration:
    """What `Api.add` was told of one table."""

    model: type[SQLModel]
    read: type[SQLModel]
    policy: Policy
    create: type[SQLModel] | None = None
    update: type[SQLModel] | None = None
    order_by: Sequence[str] = ()
    computed: Sequence[Callable[..., Any]] = ()
    name: str | None = None
    plural: str | None = None
    description: str | None = None
    nested: Sequence[str] = ()
    hooks: Hooks = field(default_factory=Hooks)

    @property
    def type_name(self) -> str:
        return self.name or self.model.__name__


def describe(
    registrations: Sequence[Registration], scalars: Scalars
) -> tuple[Entity, ...]:
    """The entities with their relations, in the order of registration.

    Raises ConfigurationError, naming table and column, for whatever can't be served.
    """
    configure_mappers()
    identified = {
        column: entry.type_name for entry in registrations for column in _only_id(entry)
    }
    reader = _Reader(ScalarMap(scalars), identified)
    entities = {entry.model: reader.entity(entry) for entry in registrations}
    for entity in entities.values():
        entity.relations.update(relations(entity, entities))
        entity.foreign_keys.extend(foreign_keys(entity, entities))
        entity.members.update(_members(entity))
    for entity in entities.values():
        _check_within(entity)
    return tuple(entities.values())


def _check_within(entity: Entity) -> None:
    """Refuse a policy that is within nothing, or in the end within itself."""
    seen: list[Entity] = []
    inner = entity
    while inner not in seen and inner.policy.within is not None:
        seen.append(inner)
        outer = inner.relations.get(inner.policy.within)
        if outer is None or outer.many:
            raise ConfigurationError(
                f"The policy of {inner.name} is within {inner.policy.within!r}, which "
                "is not a to-one relation to an entity of the API."
            )
        inner = outer.target
    if inner in seen:
        raise ConfigurationError(f"The policy of {inner.name} is within itself.")


def _members(entity: Entity) -> dict[str, Column | Relation]:
    counts = {f"{one.field}Count": one for one in entity.relations.values() if one.many}
    ends = {one.field: one for one in entity.relations.values()}
    columns = {column.field: column for column in entity.visible}
    both = columns.keys() & ends.keys() | ends.keys() & counts.keys()
    if both:
        raise ConfigurationError(
            f"{entity.name} has two fields named {min(both)}; rename one of them."
        )
    return {**counts, **ends, **columns}


def _only_id(entry: Registration) -> Sequence[sa.Column[Any]]:
    """The primary key column, if there is just one and the read model calls it id."""
    key = sa.inspect(entry.model).primary_key
    names = [_attribute(entry.model, column) for column in key]
    return key if names == ["id"] and "id" in entry.read.model_fields else ()


def _attribute(model: type[SQLModel], column: sa.Column[Any]) -> str:
    return str(sa.inspect(model).get_property_by_column(column).key)


class _Reader:
    """Reads one registration at a time; knows which columns are global ids."""

    def __init__(
        self, scalars: ScalarMap, identified: dict[sa.Column[Any], str]
    ) -> None:
        self._scalars = scalars
        self._identified = identified

    def entity(self, entry: Registration) -> Entity:
        name = checked(entry.type_name)
        table = sa.inspect(entry.model).local_table
        assert isinstance(table, sa.Table)
        columns = {
            column.name: column
            for column in (self._column(entry, source) for source in table.columns)
        }
        check_policy(entry.policy, columns)
        by_source = {column.source: column for column in columns.values()}
        unknown = set(entry.read.model_fields) - set(columns)
        unknown -= set(sa.inspect(entry.model).relationships.keys())
        if unknown:
            raise ConfigurationError(
                f"{entry.read.__name__}.{min(unknown)} is not a column of the table "
                f"{table.name!r}; make it a computed field."
            )
        return Entity(
            name=name,
            plural=checked(entry.plural or plural(name)),
            model=entry.model,
            table=table,
            description=_description(entry),
            policy=entry.policy,
            columns=columns,
            key=tuple(by_source[column] for column in table.primary_key),
            unique=_unique_keys(table, by_source),
            order=tuple(_order_term(entry, columns, term) for term in entry.order_by),
            create=input_model(
                entry.create, columns, self._scalars, entry.policy.presets
            ),
            update=input_model(entry.update, columns, self._scalars),
            nested=tuple(entry.nested),
            hooks=entry.hooks,
            computed=tuple(
                self._computed(entry, columns, function) for function in entry.computed
            ),
            by_source=by_source,
        )

    def _column(self, entry: Registration, source: sa.Column[Any]) -> Column:
        name = _attribute(entry.model, source)
        own = entry.model.model_fields.get(name)
        shown = entry.read.model_fields.get(name)
        annotation = (shown or own).annotation if shown or own else None  # type: ignore[union-attr]  # one of them is there
        scalar = self._scalars.of_column(source, annotation)
        if scalar is None and (shown is not None or source.primary_key):
            raise ConfigurationError(
                f"The column {name!r} of the table {source.table.name!r} has the type "
                f"{source.type!r} ({annotation}), which has no scalar yet. Give one to "
                f"Api(scalars={{...}}), or leave the column out of "
                f"{entry.read.__name__}."
            )
        identifies = self._identifies(source)
        is_raw_id = name == "id" and identifies is None
        field = "databaseId" if is_raw_id else camel(name)
        return Column(
            name=name,
            field=field,
            source=source,
            scalar=scalar,
            visible=shown is not None,
            nullable=name in entry.policy.readers
            or (allows_none(annotation) and not source.primary_key),
            description=_first(shown, own, "description")
            or source.comment
            or f"The {words(name)} of the {words(entry.type_name)}.",
            deprecation=_deprecation(shown),
            identifies=identifies,
            readers=entry.policy.readers.get(name),
            settle=settling(source.type),
        )

    def _identifies(self, source: sa.Column[Any]) -> str | None:
        if source in self._identified:
            return self._identified[source]
        targets = {key.column for key in source.foreign_keys}
        found = {self._identified.get(target) for target in targets}
        return found.pop() if len(found) == 1 else None

    def _computed(
        self,
        entry: Registration,
        columns: dict[str, Column],
        function: Callable[..., Any],
    ) -> Computed:
        name = function.__name__
        title = f"The computed field {entry.type_name}.{name}"
        needed = list(python_inspect.signature(function).parameters)
        for parameter in needed:
            if parameter not in columns:
                raise ConfigurationError(
                    f"{title} needs {parameter!r}, which is not a column of the table."
                )
        returns = get_type_hints(function).get("return")
        inner = strip(returns)
        many = get_origin(inner) is list
        scalar = self._scalars.of_annotation(get_args(inner)[0] if many else inner)
        if scalar is None:
            raise ConfigurationError(
                f"{title} needs a return annotation that has a scalar, not {returns}."
            )
        made_of = tuple(columns[parameter] for parameter in needed)
        return Computed(
            field=camel(name),
            function=function,
            columns=made_of,
            scalar=scalar,
            many=many,
            nullable=allows_none(returns) or any(one.readers for one in made_of),
            description=python_inspect.getdoc(function) or f"The {words(name)}.",
        )


def _description(entry: Registration) -> str:
    if entry.description:
        return entry.description
    for model in (entry.read, entry.model):
        if own := model.__dict__.get("__doc__"):
            return python_inspect.cleandoc(own)
    return f"A {words(entry.type_name)}."


def _first(shown: Any, own: Any, attribute: str) -> Any:
    values = (getattr(field, attribute, None) for field in (shown, own))
    return next((value for value in values if value), None)


def _deprecation(shown: Any) -> str | None:
    reason = getattr(shown, "deprecated", None)
    if reason is None or reason is False:
        return None
    return "No longer supported." if reason is True else str(reason)


def _unique_keys(
    table: sa.Table, by_source: dict[sa.Column[Any], Column]
) -> tuple[tuple[Column, ...], ...]:
    groups = unique_groups(table)
    keys = (tuple(by_source[column] for column in group) for group in groups)
    return tuple(dict.fromkeys(keys))


def _order_term(
    entry: Registration, columns: dict[str, Column], term: str
) -> OrderTerm:
    name = term.removeprefix("-")
    column = columns.get(name)
    if column is None or column.scalar is None or column.scalar.order == "never":
        raise ConfigurationError(
            f"{entry.type_name} can't be ordered by {name!r}: no such sortable column."
        )
    return OrderTerm(column, term.startswith("-"))
