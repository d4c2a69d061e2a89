"""Clashes: names that two parts of a schema would share, found before it is built."""

from collections.abc import Iterable, Iterator, Sequence

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.names import pascal
from gql_app.engine.scalars import BIG_INT, BY_PYTHON_TYPE, IDENTIFIER, JSON_, Scalar

_OWN = ("Query", "Mutation", "Subscription", "Node", "PageInfo", "OrderDirection")
_PAGE = ("Connection", "Edge")
_DERIVED = (*_PAGE, "Where", "ListWhere", "Order", "By")


def check_names(entities: Sequence[Entity]) -> None:
    """Raise ConfigurationError for the first name that is given twice."""
    types = _Names("type")
    for name, owner in _type_names(entities):
        types.add(name, owner)
    fields = _Names("field of Query")
    for name in ("node", "nodes"):
        fields.add(name, "the API itself")
    for entity in entities:
        fields.add(entity.root_field, f"the look-up of {entity.name}")
        fields.add(entity.list_field, f"the list of {entity.name}")


def _type_names(entities: Sequence[Entity]) -> Iterator[tuple[str, str]]:
    """The types of an API, with what they come from."""
    for name in _OWN:
        yield name, "the API itself"
    known = (*BY_PYTHON_TYPE.values(), BIG_INT, IDENTIFIER, JSON_, *_scalars(entities))
    for scalar in {scalar.annotation: scalar for scalar in known}.values():
        for name in (scalar.name, f"{scalar.name}Filter"):
            yield name, f"the scalar or enum {scalar.name}"
    for entity in entities:
        for suffix in ("", *_DERIVED, *(["Key"] if len(entity.key) > 1 else [])):
            yield entity.name + suffix, entity.name
    owners = {name: one.title for one, name in edge_names(entities).items()}
    for name, owner in owners.items():
        for suffix in _PAGE:
            yield name + suffix, owner


class _Names:
    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._owners: dict[str, str] = {}

    def add(self, name: str, owner: str) -> None:
        if name in self._owners:
            raise ConfigurationError(
                f"The {self._kind} {name} would come from {self._owners[name]} and "
                f"from {owner}; give one of them another name."
            )
        self._owners[name] = owner


def edge_names(entities: Sequence[Entity]) -> dict[Relation, str]:
    """What the lists whose edges have columns are named after: the link and the target;
    the relation, where that would name lists with different columns."""
    edges = [
        (relation, f"{relation.link.entity.name}{relation.target.name}")
        for entity in entities
        for relation in entity.relations.values()
        if relation.link is not None and relation.link.entity is not None
        if relation.link.columns
    ]
    columns: dict[str, set[tuple[Column, ...]]] = {}
    for relation, name in edges:
        assert relation.link is not None
        columns.setdefault(name, set()).add(relation.link.columns)
    return {
        relation: name
        if len(columns[name]) == 1
        else relation.source.name + pascal(relation.name)
        for relation, name in edges
    }


def _scalars(entities: Sequence[Entity]) -> Iterable[Scalar]:
    for entity in entities:
        yield from (column.scalar for column in entity.visible if column.scalar)
        yield from (computed.scalar for computed in entity.computed)
