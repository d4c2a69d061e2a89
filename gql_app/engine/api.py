"""Api: the list of entities that make up a GraphQL API."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sqlmodel import SQLModel

from gql_app.engine.clashes import check_names
from gql_app.engine.entity import Entity
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.hooks import Hooks
from gql_app.engine.inspection import Registration, describe
from gql_app.engine.mapping import Scalars
from gql_app.engine.policy import Policy
from gql_app.engine.types import Types


class Api:
    """Collects registrations; `entities` describes them once all are there.

    `scalars` maps further Python types to scalars, for columns the engine doesn't know.
    """

    def __init__(self, *, scalars: Scalars | None = None) -> None:
        self.scalars = scalars or {}
        self._registrations: list[Registration] = []

    def add(  # noqa: PLR0913  # options, given by name
        self,
        model: type[SQLModel],
        *,
        read: type[SQLModel],
        policy: Policy,
        create: type[SQLModel] | None = None,
        update: type[SQLModel] | None = None,
        order_by: Sequence[str] = (),
        computed: Sequence[Callable[..., Any]] = (),
        name: str | None = None,
        plural: str | None = None,
        description: str | None = None,
        nested: Sequence[str] = (),
        hooks: Hooks | None = None,
    ) -> None:
        """Serve the table `model` as the GraphQL type `name`, by default its own name.

        read: lists the columns that clients may see; its descriptions are theirs.
        policy: which rows a viewer may read; there is no default.
        order_by: the default order, column names with "-" for descending; the primary
            key always follows.
        computed: functions of column values, named by their parameters.
        plural: the name of lists, where adding an s is wrong.
        create, update: models of what clients may send; with the rule of the same name
            in the policy they make the mutations.
        nested: relations that can be written along with a row.
        hooks: rules of the entity's own, run in the transaction.
        """
        if not isinstance(policy, Policy):
            raise ConfigurationError(
                f"{model.__name__} needs a policy, such as Policy(read=everyone)."
            )
        entry = Registration(
            model,
            read,
            policy,
            create,
            update,
            order_by,
            computed,
            name,
            plural,
            description,
            nested,
            hooks or Hooks(),
        )
        taken = {known.type_name for known in self._registrations}
        if entry.type_name in taken:
            raise ConfigurationError(f"{entry.type_name} is added twice.")
        if model in {known.model for known in self._registrations}:
            raise ConfigurationError(f"The table {model.__name__} is added twice.")
        self._registrations.append(entry)
        for described in ("entities", "types"):
            self.__dict__.pop(described, None)

    @property
    def registrations(self) -> Sequence[Registration]:
        """What was added, as it was given."""
        return tuple(self._registrations)

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """What the engine knows of the registered tables; ConfigurationError if one
        can't be served."""
        found = describe(self._registrations, self.scalars)
        check_names(found)
        return found

    @cached_property
    def types(self) -> Types:
        """The GraphQL types of the entities."""
        return Types(self.entities)

    def type_of(self, model: type[SQLModel]) -> type:
        """The type of a registered table, for annotations of hand-written fields; they
        may return SQLModel instances or `Record`s."""
        found = {entity.model: entity for entity in self.entities}.get(model)
        if found is None:
            raise ConfigurationError(f"{model.__name__} was not added.")
        return self.types.objects[found]
