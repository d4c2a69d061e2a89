"""Shapes: what a nested input over a relation can do, decided by models and policies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gql_app.engine.entity import Column, Entity, InputField, Relation
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.hooks import Hooks

Kind = Literal["parent", "children", "link"]


@dataclass(frozen=True, eq=False, slots=True)
class NestedShape:
    """A relation that can be written along with the rows of its source.

    A `parent` is a to-one whose foreign key the source holds; `children` hold one
    themselves; between the ends of a `link` stands a table of its own. `given` are the
    columns that a new row at the far end has from the near one. `match` are those that
    connectOrCreate finds rows by. `edge` is what can be set of a link's own columns.
    """

    relation: Relation
    kind: Kind
    operators: tuple[str, ...]
    given: frozenset[Column]
    match: tuple[Column, ...]
    edge: Mapping[str, InputField]

    @property
    def local(self) -> frozenset[Column]:
        """The foreign key of the source, for which a parent stands in."""
        return frozenset(self.relation.local if self.kind == "parent" else ())

    def sets(self, given: Mapping[str, Any]) -> tuple[Entity, Sequence[Column]]:
        """The foreign keys that this input sets, and whose they are."""
        relation, link = self.relation, self.relation.link
        if self.kind == "parent":
            return relation.source, relation.local
        if link is None:
            return relation.target, relation.remote
        made = any(items for operator, items in given.items() if operator != "remove")
        if link.entity is None or not made:
            return relation.target, ()
        ends = (*link.near, *link.far)
        return link.entity, [link.entity.by_source[end] for end in ends]


@lru_cache(1024)
def nested_shapes(entity: Entity) -> Mapping[str, NestedShape]:
    """The relations that `Api.add(nested=...)` names, by GraphQL name.

    Raises ConfigurationError for one that isn't there, or where nothing may be written.
    """
    found = {}
    for name in entity.nested:
        relation = entity.relations.get(name)
        if relation is None:
            raise ConfigurationError(
                f"{entity.name} has no relation {name!r} to a registered entity."
            )
        found[relation.field] = _shape(relation)
    return found


def creatable(entity: Entity) -> bool:
    """Whether there is a model for new rows, and a rule that may allow them."""
    return entity.create is not None and entity.policy.create is not None


def updatable(entity: Entity) -> bool:
    """Whether there is a model for changes, and a rule that may allow them."""
    rule = entity.policy.update
    return entity.has_id and entity.update is not None and rule is not None


def match_key(entity: Entity) -> tuple[Column, ...]:
    """The unique key, other than the primary one, that the create model asks for."""
    fields = entity.create.fields.values() if entity.create else ()
    asked = {field.column for field in fields if field.required}
    keys = (key for key in entity.unique if key != entity.key and set(key) <= asked)
    return next(keys, ())


def _shape(relation: Relation) -> NestedShape:
    match = match_key(relation.target)
    if relation.link is not None:
        shape = _link(relation, match)
    elif all(_refers(column, relation) for column in relation.local):
        shape = _parent(relation)
    else:
        shape = _children(relation, match)
    if not shape.operators:
        raise ConfigurationError(
            f"Nothing can be written through {relation.title}: the policy of "
            f"{relation.target.name} (or of the link) allows none of it."
        )
    return shape


def _refers(column: Column, relation: Relation) -> bool:
    targets = {key.column for key in column.source.foreign_keys}
    return bool(targets & {far.source for far in relation.remote})


def _parent(relation: Relation) -> NestedShape:
    operators = []
    if relation.target.has_id:
        operators.append("connect")
    if creatable(relation.target):
        operators.append("create")
    return NestedShape(relation, "parent", tuple(operators), frozenset(), (), {})


def _children(relation: Relation, match: tuple[Column, ...]) -> NestedShape:
    target = relation.target
    operators = []
    if target.has_id and target.policy.update is not None:
        operators.append("add")
        if all(column.source.nullable for column in relation.remote):
            operators += ["remove", "set"]
    if creatable(target):
        operators.append("create")
        if match and "add" in operators:
            operators.append("connectOrCreate")
    given = frozenset(relation.remote)
    return NestedShape(relation, "children", tuple(operators), given, match, {})


def _link(relation: Relation, match: tuple[Column, ...]) -> NestedShape:
    link, target = relation.link, relation.target
    assert link is not None
    policy = None if link.entity is None else link.entity.policy
    if link.entity is not None and link.entity.hooks != Hooks():
        raise ConfigurationError(
            f"{relation.title} can't be written nested: {link.entity.name} has hooks."
        )
    adding = policy is None or policy.create is not None
    removing = policy is None or policy.delete is not None
    operators = []
    if target.has_id and adding:
        operators.append("add")
    if target.has_id and removing:
        operators.append("remove")
    if target.has_id and adding and removing:
        operators.append("set")
    if creatable(target) and adding:
        operators += ["create", *(["connectOrCreate"] if match else [])]
    model = None if link.entity is None else link.entity.create
    ends = {*link.near, *link.far}
    edge = {
        name: field
        for name, field in ({} if model is None else model.fields).items()
        if field.column is not None and field.column.source not in ends
    }
    return NestedShape(relation, "link", tuple(operators), frozenset(), match, edge)
