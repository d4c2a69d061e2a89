"""Parsing: what clients send becomes drafts, all of it checked before any statement."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from gql_app.engine.access import Scope
from gql_app.engine.entity import Column, Entity, InputField, InputModel
from gql_app.engine.errors import (
    BadUserInputError,
    EngineError,
    ForbiddenError,
    LimitExceededError,
    Path,
)
from gql_app.engine.limits import Limits
from gql_app.engine.names import words
from gql_app.engine.rulings import ruling_of
from gql_app.engine.values import checked
from gql_app.engine.writing.drafts import Branch, Draft, Reference
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import guarded, named_together
from gql_app.engine.writing.shapes import NestedShape, nested_shapes
from gql_app.engine.writing.validation import (
    all_fields,
    fields_of,
    problem,
    storable,
    validated,
    without,
)

Given = Mapping[str, Any]


class InputReader:
    """Reads the input of one mutation field, collecting what is wrong with it."""

    def __init__(self, scope: Scope, limits: Limits) -> None:
        self._scope = scope
        self._limits = limits
        self._problems: list[EngineError] = []
        self._rows = 0

    def check(self) -> None:
        """Raise ProblemsError if anything was wrong."""
        if self._problems:
            raise ProblemsError(self._problems[: self._limits.errors])

    def create(
        self,
        entity: Entity,
        given: Given,
        path: Path,
        *,
        filled: frozenset[Column] = frozenset(),
        depth: int = 1,
    ) -> Draft:
        """The draft of a new row; the `filled` columns come from elsewhere."""
        assert entity.create is not None
        self._count(path, depth)
        if ruling_of(entity, "create", self._scope) == "never":
            message = f"You may not create {words(entity.plural)}."
            self._problems.append(ForbiddenError(message, path=path))
        draft = Draft(entity, path, {}, frozenset())
        self._read_nested(draft, given, depth)
        filled |= _preset(entity)
        if draft.parents:
            filled |= {one for relation, _ in draft.parents for one in relation.local}
        self._read_columns(draft, entity.create, given, filled)
        return draft

    def update(self, entity: Entity, given: Given, path: Path) -> Draft:
        """The draft of a change: just what was sent."""
        assert entity.update is not None
        self._count(path, 1)
        draft = Draft(entity, path, {}, frozenset())
        self._read_nested(draft, given, 1)
        self._read_columns(draft, entity.update, given, frozenset(), partial=True)
        return draft

    def reference(
        self,
        entity: Entity,
        text: str,
        path: Path,
        edge: Draft | None = None,
    ) -> Reference | None:
        """The row with a global id; None, and a problem, if it isn't one."""
        self._count(path, 1)
        try:
            key = entity.decode_key(text)
        except BadUserInputError as error:
            self._problems.append(BadUserInputError(error.message, path=path))
            return None
        return Reference(entity, entity.key, key, path, edge)

    def _count(self, path: Path, depth: int) -> None:
        """Refuse at once what is too large: all of it would have to be looked at."""
        self._rows += 1
        if self._rows > self._limits.written_rows:
            most = f"A mutation may write {self._limits.written_rows} rows and links."
            raise ProblemsError([LimitExceededError(most, path=path)])
        if depth > self._limits.write_depth:
            most = f"Inputs may be nested {self._limits.write_depth} deep."
            raise ProblemsError([LimitExceededError(most, path=path)])

    def _read_columns(
        self,
        draft: Draft,
        model: InputModel,
        given: Given,
        filled: frozenset[Column],
        *,
        partial: bool = False,
    ) -> None:
        sent: dict[str, Any] = {}
        before = len(self._problems)
        for name, value in given.items():
            field = model.fields.get(name)
            if field is not None:
                sent[field.name] = self._written(draft, field, value)
        draft.sent = frozenset(sent)
        if len(self._problems) > before:
            return
        names = fields_of(model, filled).difference(sent)
        instance, details = validated(without(model.model, names), sent)
        self._problems += [problem(one, model, draft.path) for one in details]
        if instance is not None:
            kept = instance.model_fields_set if partial else all_fields(model)
            values = {name: getattr(instance, name) for name in kept}
            self._keep(draft, values, names)

    def _keep(
        self, draft: Draft, values: Mapping[str, Any], filled: frozenset[str]
    ) -> None:
        """Take over the valid values, as far as they fit into the columns."""
        for name, value in values.items():
            column = draft.entity.columns.get(name)
            if name not in draft.sent and (value is None or name in filled):
                continue  # the table's own default holds
            reason = None if column is None else storable(column, value)
            if reason is not None:
                path = draft.field_path(name)
                self._problems.append(BadUserInputError(reason, path=path))
            draft.values[name] = value

    def _written(self, draft: Draft, field: InputField, value: Any) -> Any:
        path = (*draft.path, field.field)
        self._check_writers(draft.entity, [field.name], path)
        if value is None:
            return None
        try:
            if field.column is None:
                return checked(value)
            written = field.column.write(value)
        except BadUserInputError as error:
            self._problems.append(BadUserInputError(error.message, path=path))
            return None
        self._refer(draft, field.column, written, path)
        return written

    def _check_writers(self, entity: Entity, names: Iterable[str], path: Path) -> None:
        roles = [entity.policy.writers.get(name) for name in names]
        if any(one is not None and self._scope.role not in one for one in roles):
            message = f"You may not set {path[-1]}."
            self._problems.append(ForbiddenError(message, path=path))

    def _refer(self, draft: Draft, column: Column, value: Any, path: Path) -> None:
        """A foreign key may not name a row that the viewer can't read."""
        for key in guarded(draft.entity):
            if key.local == (column,):
                draft.references.append(
                    Reference(key.target, key.remote, (value,), path)
                )

    def _read_nested(self, draft: Draft, given: Given, depth: int) -> None:
        for name, shape in nested_shapes(draft.entity).items():
            if given.get(name) is None:
                continue
            path = (*draft.path, name)
            entity, columns = shape.sets(given[name])
            self._check_writers(entity, (column.name for column in columns), path)
            if shape.kind == "parent":
                self._read_parent(draft, shape, given[name], path, depth)
            else:
                branch = self._branch(shape, given[name], path, depth)
                draft.branches.append(branch)

    def _read_parent(
        self, draft: Draft, shape: NestedShape, given: Given, path: Path, depth: int
    ) -> None:
        relation = shape.relation
        ((operator, value),) = given.items()
        path = (*path, operator)
        if operator == "connect":
            found = self.reference(relation.target, value, path)
            if found is not None:
                draft.parents.append((relation, found))
        else:
            new = self.create(relation.target, value, path, depth=depth + 1)
            draft.parents.append((relation, new))

    def _branch(
        self, shape: NestedShape, given: Given, path: Path, depth: int
    ) -> Branch:
        branch = Branch(shape.relation, path)
        for operator in ("add", "remove"):
            items = given.get(operator) or ()
            found = self._named(branch, shape, items, (*path, operator))
            setattr(branch, operator, found)
        if given.get("set") is not None:
            branch.set = self._named(branch, shape, given["set"], (*path, "set"))
        for operator, name in _MAKING.items():
            items = given.get(operator) or ()
            made = self._made(branch, shape, items, (*path, operator), depth + 1)
            setattr(branch, name, made)
        return branch

    def _named(
        self, branch: Branch, shape: NestedShape, items: Sequence[Any], path: Path
    ) -> list[Reference]:
        found = []
        for place, item in enumerate(items):
            here: Path = (*path, place)
            text = item
            edge = None
            if isinstance(item, Mapping):
                text, edge = item["id"], self._edge(branch, shape, item, here)
                here = (*here, "id")
            one = self.reference(shape.relation.target, text, here, edge)
            found += [] if one is None else [one]
        return found

    def _made(
        self,
        branch: Branch,
        shape: NestedShape,
        items: Sequence[Any],
        path: Path,
        depth: int,
    ) -> list[Draft]:
        found = []
        for place, item in enumerate(items):
            here: Path = (*path, place)
            given = item
            edge = None
            if shape.edge:
                given, edge = item["node"], self._edge(branch, shape, item, here)
                here = (*here, "node")
            one = self.create(
                shape.relation.target, given, here, filled=shape.given, depth=depth
            )
            one.edge = edge
            found.append(one)
        return found

    def _edge(
        self, branch: Branch, shape: NestedShape, given: Given, path: Path
    ) -> Draft:
        """The link's own columns, validated by its create model."""
        link = shape.relation.link
        assert link is not None
        assert link.entity is not None
        assert link.entity.create is not None
        model = link.entity.create
        draft = Draft(link.entity, path, {}, frozenset())
        own = {name: given[name] for name in shape.edge if name in given}
        ends = {*link.near, *link.far}
        columns = link.entity.columns.values()
        filled = frozenset(column for column in columns if column.source in ends)
        self._read_columns(draft, model, own, filled)
        branch.references += [*draft.references, *named_together(draft, draft.values)]
        return draft


@lru_cache(1024)
def _preset(entity: Entity) -> frozenset[Column]:
    return frozenset(entity.columns[name] for name in entity.policy.presets)


_MAKING = {"create": "create", "connectOrCreate": "connect_or_create"}
