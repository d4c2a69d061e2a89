"""Attempting every mutation, with each field of its input, as each viewer."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_input_field,
)

from gql_app.engine import Viewer
from gql_app.testing.client import Client
from gql_app.testing.visible import REFUSED, Verdicts, permitted

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class _Attempt:
    """A mutation with variables that would do, as `updatePost (own)`."""

    title: str
    variables: Variables

    @property
    def mutation(self) -> str:
        return self.title.partition(" ")[0]

    def key(self, field: str) -> str:
        """What the attempt goes by with a field of its input."""
        mutation, space, label = self.title.partition(" ")
        return f"{mutation}.{field}{space}{label}"


class Attempting:
    """Attempts mutations that change nothing: each operation says `@dryRun`."""

    def __init__(
        self,
        client: Client,
        viewers: Mapping[str, Viewer],
        unattempted: Collection[str] = (),
    ) -> None:
        mutation = client.schema.mutation_type
        self._fields = {} if mutation is None else mutation.fields
        self._client = client
        self._viewers = viewers
        self._unattempted = unattempted

    def verdicts(self, attempts: Mapping[str, Variables]) -> Verdicts:
        """Who may do each attempt: with the required fields of its input alone, and
        with each of the others.

        AssertionError if a mutation or one of these fields isn't attempted, or if an
        attempt fails for another reason than that the viewer may not.
        """
        given = [_Attempt(*one) for one in attempts.items()]
        self._check_complete(given)
        return {
            key: [who for who in self._viewers if self._may(who, key, one, variables)]
            for one in given
            for key, variables in self._variants(one)
        }

    def _check_complete(self, attempts: Iterable[_Attempt]) -> None:
        attempted = {one.mutation for one in attempts}
        if unknown := attempted - self._fields.keys():
            raise ValueError(f"Not mutations: {', '.join(sorted(unknown))}.")
        wanted = [*self._fields]
        for one in attempts:
            self._check_variables(one)
            for name, kind in self._inputs(one):
                attempted |= {f"{one.mutation}.{key}" for key in one.variables[name]}
                wanted += [f"{one.mutation}.{key}" for key in kind.fields]
        left = [one for one in dict.fromkeys(wanted) if one not in attempted]
        if missing := [one for one in left if one not in self._unattempted]:
            raise AssertionError(f"There are no attempts at {', '.join(missing)}.")

    def _check_variables(self, attempt: _Attempt) -> None:
        """ValueError if the mutation has no such arguments, or none of its inputs."""
        unknown = attempt.variables.keys() - self._fields[attempt.mutation].args.keys()
        for name, kind in self._inputs(attempt):
            given = attempt.variables.get(name)
            if not isinstance(given, Mapping):
                message = f"{name} must have the fields of {kind.name}."
                raise ValueError(f"{attempt.title}: {message}")
            unknown |= {f"{name}.{key}" for key in given.keys() - kind.fields.keys()}
        if unknown:
            names = ", ".join(sorted(unknown))
            raise ValueError(f"{attempt.title}: there is no {names}.")

    def _inputs(
        self, attempt: _Attempt
    ) -> Iterator[tuple[str, GraphQLInputObjectType]]:
        """The arguments whose fields are what the mutation writes, with their types."""
        for name, argument in self._fields[attempt.mutation].args.items():
            kind = get_nullable_type(argument.type)
            if name in ("input", "set") and isinstance(kind, GraphQLInputObjectType):
                yield name, kind

    def _variants(self, attempt: _Attempt) -> Iterator[tuple[str, Variables]]:
        """The attempt without, and with each of the fields that it may leave out."""
        inputs = list(self._inputs(attempt))
        if not inputs:
            yield attempt.title, attempt.variables
        for name, kind in inputs:
            given = attempt.variables[name]
            required = {
                key: value
                for key, value in given.items()
                if is_required_input_field(kind.fields[key])
            }
            if required:
                yield attempt.title, {**attempt.variables, name: required}
            for key in given:
                if key not in required:
                    sent = {**required, key: given[key]}
                    yield attempt.key(key), {**attempt.variables, name: sent}

    def _may(self, who: str, key: str, one: _Attempt, variables: Variables) -> bool:
        query = _operation(one.mutation, self._fields[one.mutation], variables)
        answer = self._client.answer(query, self._viewers[who], **variables)
        payload = permitted(answer)
        if not isinstance(payload, dict):
            return not answer.codes
        errors = payload.get("errors", ())
        if not {error["code"] for error in errors} <= REFUSED:
            raise AssertionError(
                f"{key}, attempted by {who}, fails: {errors}\n"
                f"Its variables: {dict(variables)}"
            )
        return not errors and payload.get("affectedCount") != 0


def _operation(name: str, field: GraphQLField, variables: Variables) -> str:
    head = ", ".join(f"${one}: {field.args[one].type}" for one in variables)
    given = ", ".join(f"{one}: ${one}" for one in variables)
    head, given = (f"({part})" if part else "" for part in (head, given))
    return f"mutation{head} @dryRun {{ {name}{given}{_selection(field.type)} }}"


def _selection(kind: GraphQLOutputType) -> str:
    """Enough of a payload to know whether anything was written."""
    payload = get_named_type(kind)
    if is_leaf_type(payload):
        return ""
    fields = payload.fields if isinstance(payload, GraphQLObjectType) else {}
    parts = {"errors": "errors { code message path }", "affectedCount": "affectedCount"}
    found = [text for name, text in parts.items() if name in fields]
    return f" {{ __typename {' '.join(found)} }}"
