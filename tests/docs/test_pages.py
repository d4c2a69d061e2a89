"""Everything that the documentation shows works, and everything it must name is there."""

import re
from pathlib import Path
from pkgutil import iter_modules

import pytest

from gql_app import engine
from gql_app.engine import ErrorCode
from gql_app.engine.scalars import TEXT
from gql_app.http.status import STATUSES
from tests.docs.markdown import PAGES, ROOT, Page
from tests.docs.reader import Reader
from tests.docs.settings_table import PAGE, with_table

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


@pytest.mark.parametrize("reader", PAGES, indirect=True, ids=lambda path: path.stem)
def test_page_works_as_written(reader: Reader) -> None:
    reader.read()


@every_page
def test_links_lead_somewhere(path: Path) -> None:
    page = Page(path)

    broken = [link for link in page.links if not leads_somewhere(page, link)]

    assert broken == []


def leads_somewhere(page: Page, link: str) -> bool:
    if re.match(r"https?://", link):
        return True
    name, _, anchor = link.partition("#")
    target = (page.path.parent / name).resolve() if name else page.path
    return target.exists() and (not anchor or anchor in Page(target).anchors)


@every_page
def test_page_names_no_folder_of_somebody(path: Path) -> None:
    found = re.findall(
        r"(?<![\w.:])/(?:home|root|Users|tmp|work|opt)/\S*", path.read_text()
    )

    assert found == []


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(Page(ROOT / "README.md").links)

    assert {f"docs/{path.name}" for path in PAGES[1:]} <= linked


def test_table_of_settings_is_current() -> None:
    text = PAGE.read_text("utf-8")

    assert text == with_table(text), "python -m tests.docs.settings_table writes it"


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_code_is_explained_with_its_statuses(code: ErrorCode) -> None:
    row = STATUSES[code]
    line = f"| `{code}` | {row.response} | {row.legacy} | {row.draft} |"

    assert f"\n| `{code}` |" in (ROOT / "docs" / "queries.md").read_text()
    assert line in (ROOT / "docs" / "http.md").read_text()


@pytest.mark.parametrize("operator", TEXT)
def test_every_operator_is_explained(operator: str) -> None:
    page = Page(ROOT / "docs" / "queries.md")

    assert re.search(rf"^\| .*`{operator}`.* \|", page.prose, re.MULTILINE)


def test_map_of_the_engine_names_every_module() -> None:
    page = Page(ROOT / "docs" / "contributing.md").prose
    modules = {one.name for one in iter_modules(engine.__path__)}

    (table,) = re.findall(r"\| Modules of .*?\n\n", page, re.DOTALL)

    assert set(re.findall(r"`(\w+)`", table)) == modules
