"""Which operation of a document a request means, found without parsing it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from graphql import GraphQLSyntaxError, Lexer, Source, Token, TokenKind

_KINDS = ("query", "mutation", "subscription")
_DESCRIPTIONS = (TokenKind.STRING, TokenKind.BLOCK_STRING)
_OPENING = (TokenKind.BRACE_L, TokenKind.PAREN_L)
_CLOSING = (TokenKind.BRACE_R, TokenKind.PAREN_R)


class NamedOperation(NamedTuple):
    kind: str
    """query, mutation or subscription."""
    name: str | None


@lru_cache(maxsize=1024)
def operation_of(document: str, name: str | None) -> NamedOperation | None:
    """The operation with that name, or the first one if none is given.

    None if there is no such operation: for the executor to complain about. Nothing is
    read beyond the operation's name.
    """
    try:
        return next(one for one in _operations(document) if name in (None, one.name))
    except (StopIteration, GraphQLSyntaxError):
        return None


def _operations(document: str) -> Iterator[NamedOperation]:
    lexer = Lexer(Source(document))
    for token in _beginnings(lexer):
        if token.kind is TokenKind.BRACE_L:
            yield NamedOperation("query", None)
        elif token.value in _KINDS:
            following = lexer.lookahead()
            is_named = following.kind is TokenKind.NAME
            yield NamedOperation(token.value, following.value if is_named else None)


def _beginnings(lexer: Lexer) -> Iterator[Token]:
    """The first token of each definition, descriptions aside."""
    depth, starts = 0, True
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if starts and token.kind not in _DESCRIPTIONS:
            starts = False
            yield token
        if token.kind in _OPENING:
            depth += 1
        elif token.kind in _CLOSING:
            depth -= 1
            starts = depth == 0 and token.kind is TokenKind.BRACE_R
