"""Bodies as plain text."""

import time

import pytest

from gql_app.publishing.excerpts import (
    TextFormat,
    excerpt,
    plain_text,
    reading_minutes,
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("a <b>bold</b><i>er</i> word", "a bolder word"),
        ("fish &amp; chips &lt;3", "fish & chips <3"),
        ("<script>alert(1)</script>safe<style>p {}</style>", "safe"),
        ("<img src='a.png' alt='A'>after", "after"),
        ("1 < 2 and <!-- hidden --> 3 > 2", "1 < 2 and 3 > 2"),
        ("broken <a href='x", "broken"),
        ("", ""),
    ],
)
def test_html_becomes_text(markup: str, text: str) -> None:
    assert plain_text(markup, TextFormat.HTML) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("# Title\n\nand *text*", "Title and text"),
        ("a [link](https://example.org) and ![alt](a.png)", "a link and alt"),
        ("- one\n- two\n1. three", "one two three"),
        ("> quoted", "quoted"),
        ("`code` and **bold** __too__", "code and bold too"),
        ("```python\nx = 1\n```", "x = 1"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("<em>html</em> &amp; all", "html & all"),
    ],
)
def test_markdown_becomes_text(markup: str, text: str) -> None:
    assert plain_text(markup, TextFormat.MARKDOWN) == text


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("<p>Short.</p>", TextFormat.HTML) == "Short."


@pytest.mark.parametrize("format", list(TextFormat))
def test_an_excerpt_ends_after_a_word(format: TextFormat) -> None:
    body = "loaf " * 1000

    found = excerpt(body, format)

    assert found.endswith("loaf…")
    assert 190 < len(found) <= 201


def test_an_excerpt_of_one_endless_word_is_cut() -> None:
    assert excerpt("a" * 500, TextFormat.HTML) == "a" * 200 + "…"


@pytest.mark.parametrize("format", list(TextFormat))
@pytest.mark.parametrize(
    "piece", ["<", "[", "*", "<p ", "&#", "*a ", "_a ", "<!--", "]("]
)
def test_hostile_markup_costs_little(format: TextFormat, piece: str) -> None:
    body = piece * (100_000 // len(piece))
    start = time.process_time()

    excerpt(body, format)
    plain_text(body, TextFormat.HTML)
    reading_minutes(body)

    assert time.process_time() - start < 1


def test_reading_takes_a_minute_for_200_words_without_the_markup() -> None:
    body = "<p class='a b c'>word</p> " * 600

    assert reading_minutes(body) == 3


def test_reading_nothing_takes_a_minute() -> None:
    assert reading_minutes("") == 1
