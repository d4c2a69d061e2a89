"""A tiny data dump of our own making, in the form in which real ones are published.

It has what real dumps have: a byte order mark, accounts that are gone, names that
several people share, votes and links that dangle, closed questions and wikis that
nothing refers to.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

Rows = Sequence[Mapping[str, object]]

SITE = "tea.example.org"
_AT = "2020-01-01T10:00:00.000"


def row(number: int, **values: object) -> dict[str, object]:
    return {"Id": number, "CreationDate": _AT, **values}


def question(number: int, title: str, **values: object) -> dict[str, object]:
    defaults = {"PostTypeId": 1, "Title": title, "Body": f"<p>{title}</p>\n"}
    return row(number, **{**defaults, "Score": 1, "ViewCount": 10, **values})


def answer(number: int, parent: int, **values: object) -> dict[str, object]:
    defaults = {"PostTypeId": 2, "ParentId": parent, "Body": "<p>So.</p>", "Score": 2}
    return row(number, **{**defaults, **values})


USERS: Rows = [
    row(-1, DisplayName="Community", Reputation=1),
    row(
        1,
        DisplayName="Ana Lima",
        Reputation=101,
        Views=7,
        LastAccessDate="2020-05-01T01:02:03.450",
        AboutMe="<p>Drinks <b>tea</b> &amp; reads.</p>",
        WebsiteUrl="https://example.org/ana",
        Location="São Paulo",
    ),
    row(2, DisplayName="Ana Lima", WebsiteUrl="javascript:alert(1)"),
    row(3, DisplayName="ана 茶"),
    row(4, DisplayName='O\'Leary "Tea" <b>'),
    row(5, DisplayName="A"),
    {"Id": 6, "CreationDate": _AT},
    row(7, DisplayName="Late", CreationDate="later"),
]
TAGS: Rows = [
    {"Id": 1, "TagName": "green", "Count": 2, "ExcerptPostId": 30, "WikiPostId": 29},
    {"Id": 2, "TagName": "black", "Count": 1, "ExcerptPostId": 32, "WikiPostId": 31},
    {"Id": 3, "TagName": "c++", "Count": 1},
]
POSTS: Rows = [
    question(
        10,
        "How hot?",
        OwnerUserId=1,
        AcceptedAnswerId=20,
        Tags="<green><c++>",
        Score=5,
        ViewCount=99,
        LastEditDate="2020-02-02T00:00:00.000",
        ContentLicense="CC BY-SA 4.0",
    ),
    question(11, "How hot?", OwnerDisplayName="user90", Tags="|black|none|"),
    question(
        12,
        "Чай?",
        OwnerUserId=3,
        AcceptedAnswerId=99,
        ClosedDate="2020-03-03T00:00:00.000",
    ),
    question(13, "Whose answer?", OwnerUserId=77, AcceptedAnswerId=20),
    question(14, ""),
    answer(20, 10, OwnerUserId=2, Score=9),
    answer(21, 10, OwnerUserId=-1),
    answer(22, 11, OwnerUserId=1, Body=" \n"),
    answer(23, 404, OwnerUserId=1),
    row(29, PostTypeId=5, Body="<p>All about green tea.</p>"),
    row(30, PostTypeId=4, Body="For unfermented leaves."),
    row(31, PostTypeId=5, Body="<p>Fermented &amp; strong.</p>"),
    row(32, PostTypeId=4, Body=""),
    row(33, PostTypeId=4, Body="An orphan."),
    row(34, PostTypeId=7, Body="A notice."),
]
COMMENTS: Rows = [
    row(1, PostId=10, Text="On the question, with `code` & more", UserId=2, Score=3),
    row(2, PostId=20, Text="On the answer 🍵", UserId=1),
    row(3, PostId=21, Text="By someone gone", UserDisplayName="user5"),
    row(4, PostId=404, Text="On nothing", UserId=1),
    row(5, PostId=10, UserId=1),
    row(6, PostId=10, Text="Undated", UserId=1, CreationDate="yesterday"),
]
VOTES: Rows = [
    row(1, PostId=10, VoteTypeId=2),
    row(2, PostId=10, VoteTypeId=5, UserId=2),
    row(3, PostId=11, VoteTypeId=5, UserId=2),
    row(4, PostId=10, VoteTypeId=5, UserId=2),
    row(5, PostId=404, VoteTypeId=5, UserId=2),
    row(6, PostId=10, VoteTypeId=5, UserId=404),
    row(7, PostId=10, VoteTypeId=5),
    row(8, PostId=10, VoteTypeId=99),
]
POST_LINKS: Rows = [
    row(1, PostId=10, RelatedPostId=11, LinkTypeId=1),
    row(2, PostId=10, RelatedPostId=11, LinkTypeId=3),
    row(3, PostId=10, RelatedPostId=404, LinkTypeId=1),
    row(4, PostId=10, RelatedPostId=10, LinkTypeId=1),
    row(5, PostId=10, RelatedPostId=12, LinkTypeId=2),
]
FILES: Mapping[str, Rows] = {
    "Users": USERS,
    "Tags": TAGS,
    "Posts": POSTS,
    "Comments": COMMENTS,
    "Votes": VOTES,
    "PostLinks": POST_LINKS,
    "Badges": [row(1, UserId=1, Name="Teacher"), row(2, UserId=2, Name="Teacher")],
}


def write_dump(directory: Path, **changed: Rows) -> Path:
    """The dump in a folder named after its site; changed: other rows for some files."""
    site = directory / SITE
    site.mkdir(parents=True, exist_ok=True)
    for name, rows in {**FILES, **changed}.items():
        (site / f"{name}.xml").write_text(_document(name, rows), encoding="utf-8-sig")
    return site


def _document(name: str, rows: Rows) -> str:
    root = name.lower()
    lines = [f"  <row {_attributes(values)} />" for values in rows]
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return "\n".join([head, f"<{root}>", *lines, f"</{root}>"])


def _attributes(values: Mapping[str, object]) -> str:
    escapes = {"\n": "&#xA;"}
    pairs = values.items()
    return " ".join(f"{key}={quoteattr(str(value), escapes)}" for key, value in pairs)
