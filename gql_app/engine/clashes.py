"""Clashes: names that two parts of a schema would share, found before it is built."""

from collections.abc import Iterable, Sequence

from gql_app.engine.entity import Entity
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.scalars import BIG_INT, BY_PYTHON_TYPE, IDENTIFIER, JSON_, Scalar

_OWN = ("Query", "Mutation", "Subscription", "Node", "PageInfo", "OrderDirection")
_DERIVED = ("Connection", "Edge", "Where", "ListWhere", "Order", "By")


def check_names(entities: Sequence[Entity]) -> None:
    """Raise ConfigurationError for the first name that is given twice."""
    types = _Names("type")
    for name in _OWN:
        types.add(name, "the API itself")
    known = (*BY_PYTHON_TYPE.values(), BIG_INT, IDENTIFIER, JSON_, *_scalars(entities))
    scalars = {scalar.annotation: scalar for scalar in known}
    for scalar in scalars.values():
        for name in (scalar.name, f"{scalar.name}Filter"):
            types.add(name, f"the scalar or enum {scalar.name}")
    for entity in entities:
        for suffix in ("", *_DERIVED):
            types.add(entity.name + suffix, entity.name)
    fields = _Names("field of Query")
    for name in ("node", "nodes"):
        fields.add(name, "the API itself")
    for entity in entities:
        fields.add(entity.root_field, f"the look-up of {entity.name}")
        fields.add(entity.list_field, f"the list of {entity.name}")


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


def _scalars(entities: Sequence[Entity]) -> Iterable[Scalar]:
    for entity in entities:
        yield from (column.scalar for column in entity.visible if column.scalar)
        yield from (computed.scalar for computed in entity.computed)
