"""Bodies as plain text: for excerpts, descriptions and reading times.

Regular expressions instead of a parser: texts come from strangers, each expression
here takes time in proportion to the text, and `html.parser` does not.
"""

import html
import re

from gql_app.publishing.base import DescribedEnum

_EXCERPT_LENGTH = 200
# What comes later can't be in the excerpt, unless nearly everything is markup.
_EXCERPT_SOURCE = 10 * _EXCERPT_LENGTH
_WORDS_PER_MINUTE = 200

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|code|del|em|i|kbd|s|span|strong|sub|sup|u)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*(?:>|\Z)")
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_MARKDOWN = (
    (re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE), ""),  # fences
    (re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)"), r"\1"),  # images and links
    (re.compile(r"^ {0,3}(?:#{1,6}|>+|[-*+]|\d{1,9}[.)]) +", re.MULTILINE), ""),
    # Emphasis and code; bounded, or a row of asterisks would take quadratic time.
    (re.compile(r"(\*{1,3}|`+)(?=\S)(.{1,100}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)(.{1,100}?)(?<=\S)\1(?!\w)"), r"\2"),
)


class TextFormat(DescribedEnum):
    """How a text is marked up."""

    MARKDOWN = "markdown", "CommonMark."
    HTML = "html", "A fragment of HTML, as it was written: clean it before showing it."


def plain_text(body: str, format: TextFormat) -> str:
    """The text without markup and with single spaces. Good for reading, not for
    security: it may still hold `<` and `&`, so escape it like any other text."""
    if format is TextFormat.MARKDOWN:
        for pattern, replacement in _MARKDOWN:
            body = pattern.sub(replacement, body)
    # Words that only an inline tag parts are one word, all others are two.
    text = _TAG.sub(" ", _INLINE.sub("", _HIDDEN.sub("", body)))
    return " ".join(html.unescape(text).split())


def excerpt(body: str, format: TextFormat) -> str:
    """The beginning of the text without its markup: about 200 characters, cut after a
    word."""
    text = plain_text(body[:_EXCERPT_SOURCE], format)
    if len(text) <= _EXCERPT_LENGTH and len(body) <= _EXCERPT_SOURCE:
        return text
    head, space, _ = text[: _EXCERPT_LENGTH + 1].rpartition(" ")
    kept = head if space else text[:_EXCERPT_LENGTH]
    return f"{kept.rstrip(' ,;:.-')}…"


def reading_minutes(body: str) -> int:
    """Minutes that reading takes at 200 words a minute; never less than one."""
    words = len(_WORD.findall(_TAG.sub(" ", body)))
    return max(1, round(words / _WORDS_PER_MINUTE))
