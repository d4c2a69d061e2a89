"""Operations of clients: read from a folder or a manifest, checked against a schema.

Clients keep fragments in files of their own: one may be used in every file of its
folder. What is sent to the server is complete, an operation with its fragments.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from graphql import (
    DefinitionNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    OperationDefinitionNode,
    Source,
    parse,
    print_ast,
    specified_rules,
    validate,
)

from gql_app.commands.errors import CommandFailedError
from gql_app.engine.documents import Documents, RequestError, nodes_in
from gql_app.engine.errors import LimitExceededError
from gql_app.engine.limits import Limits
from gql_app.http.documents import hash_of, read_directory

_APOLLO = "apollo-persisted-query-manifest"
_RULES = [rule for rule in specified_rules if rule is not NoUnusedFragmentsRule]


class Problem(NamedTuple):
    """Why an operation can't be run."""

    place: str
    """The file, or the manifest with the operation's key."""
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}:{self.column}: {self.message}"


class Operation(NamedTuple):
    """A complete document with one operation."""

    name: str
    """Empty if it has none."""
    text: str


@dataclass(frozen=True)
class ClientOperations:
    """What was read: texts and documents by their place, and what can't be parsed."""

    texts: Mapping[str, str]
    documents: Mapping[str, DocumentNode]
    unreadable: Sequence[Problem]
    fragments: Mapping[str, FragmentDefinitionNode]
    """Those of all documents."""
    ambiguous: Collection[str]
    """Names of several fragments."""
    used: Collection[str]
    """Names of fragments that are spread anywhere."""

    @classmethod
    def read(cls, path: Path) -> "ClientOperations":
        """From a folder of `.graphql` files, or the manifest that graphql-codegen,
        Relay's compiler or Apollo's generator wrote.

        Raises CommandFailedError if there are none.
        """
        texts = _manifest(path) if path.is_file() else _folder(path)
        if not texts:
            raise CommandFailedError(f"{path}: there are no documents.")
        documents, unreadable = {}, []
        for place, text in texts.items():
            try:
                documents[place] = parse(Source(text, place))
            except GraphQLError as error:
                unreadable.append(problem_of(place, error))
        fragments: dict[str, FragmentDefinitionNode] = {}
        ambiguous = set()
        for document in documents.values():
            for name, fragment in _fragments(document).items():
                known = fragments.setdefault(name, fragment)
                if print_ast(known) != print_ast(fragment):
                    ambiguous.add(name)
        used = {
            name
            for document in documents.values()
            for definition in document.definitions
            for name in _spreads(definition)
        }
        return cls(texts, documents, unreadable, fragments, ambiguous, used)

    def problems(self, schema: GraphQLSchema, limits: Limits) -> list[Problem]:
        """What is wrong with them, by the schema and the limits they are for."""
        problems = set(self.unreadable)
        for place, document in self.documents.items():
            complete = self._complete(document, document.definitions)
            errors = [
                *self._unclear(document),
                *self._unused(document),
                *validate(schema, complete, _RULES),
            ]
            errors = errors or [*self._excessive(document, schema, limits)]
            problems |= {problem_of(place, error) for error in errors}
        return sorted(problems)

    def complete(self) -> Iterator[Operation]:
        """Each operation with its fragments. A document that is just that keeps its
        text to the byte: clients may know it by its hash."""
        for place, document in self.documents.items():
            for definition in _operations(document):
                complete = self._complete(document, [definition])
                name = definition.name.value if definition.name else ""
                whole = {id(one) for one in document.definitions}
                is_whole = {id(one) for one in complete.definitions} == whole
                text = self.texts[place] if is_whole else print_ast(complete)
                yield Operation(name, text)

    def _complete(
        self, document: DocumentNode, definitions: Sequence[DefinitionNode]
    ) -> DocumentNode:
        """The definitions with every fragment that they need; the document's own
        fragments come first."""
        known = {**self.fragments, **_fragments(document)}
        complete = list(definitions)
        for definition in complete:  # which grows meanwhile
            for name in _spreads(definition):
                found = known.get(name)
                if found is not None and all(found is not one for one in complete):
                    complete.append(found)
        return DocumentNode(definitions=tuple(complete))

    def _unclear(self, document: DocumentNode) -> Iterator[GraphQLError]:
        own = _fragments(document)
        for definition in document.definitions:
            for name, spread in _spreads(definition).items():
                if name in self.ambiguous and name not in own:
                    message = f"There are several fragments '{name}'."
                    yield GraphQLError(message, spread)

    def _unused(self, document: DocumentNode) -> Iterator[GraphQLError]:
        for name, fragment in _fragments(document).items():
            if name not in self.used:
                yield GraphQLError(f"Fragment '{name}' is never used.", fragment)

    def _excessive(
        self, document: DocumentNode, schema: GraphQLSchema, limits: Limits
    ) -> Iterator[GraphQLError]:
        """For valid operations that the server would refuse to run all the same."""
        documents = Documents(schema, limits)
        for definition in _operations(document):
            text = print_ast(self._complete(document, [definition]))
            try:
                documents.operation(text, None, {})
            except (LimitExceededError, RequestError) as error:
                yield GraphQLError(str(error), definition)


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield definition


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def _spreads(definition: DefinitionNode) -> dict[str, FragmentSpreadNode]:
    return {
        node.name.value: node
        for node in nodes_in(definition)
        if isinstance(node, FragmentSpreadNode)
    }


def problem_of(place: str, error: GraphQLError) -> Problem:
    """What is wrong, where it is; without a position, at the place's beginning."""
    if error.source is not None and error.locations:
        at = error.locations[0]
        # A fragment's file is not that of the operation.
        return Problem(error.source.name, at.line, at.column, error.message)
    return Problem(place, 1, 1, error.message)


def _folder(path: Path) -> Mapping[str, str]:
    return {str(file): text for file, text in read_directory(path).items()}


def _manifest(path: Path) -> Mapping[str, str]:
    try:
        content = json.loads(path.read_bytes())
        entries = [(key, text, hash_of(text)) for key, text in _entries(content)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CommandFailedError(f"{path} is no manifest of documents.") from error
    for key, _, digest in entries:
        if key.removeprefix("sha256:") != digest:
            raise CommandFailedError(
                f"{path}: {key} is not the SHA-256 of its document. Let the compiler "
                'use that: hashAlgorithm: "sha256" for graphql-codegen, '
                'persistConfig: {"algorithm": "SHA256"} for Relay.'
            )
    return {f"{path}#{key}": text for key, text, _ in entries}


def _entries(content: Any) -> Iterator[tuple[str, str]]:
    """Keys and texts, as Apollo writes them or as all others do."""
    if content.get("format") == _APOLLO:
        content = {one["id"]: one["body"] for one in content["operations"]}
    for key, text in content.items():
        if not isinstance(text, str):
            raise TypeError(f"{key} is no text")
        yield key, text
