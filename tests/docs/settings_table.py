"""The table of settings in docs/operations.md; run as a module, this writes it."""

import re

from gql_app.settings import Settings
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "operations.md"

_TABLE = re.compile(
    r"(<!-- settings: .*? -->\n).*?(<!-- end of settings -->)", re.DOTALL
)


def with_table(text: str) -> str:
    """The page's text with the table of all settings as they are now."""
    rows = ["| Setting | Default | |", "|---|---|---|"]
    rows += [
        f"| `{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    table = "\n".join(["", *rows, "", ""])
    return _TABLE.sub(lambda found: found[1] + table + found[2], text)


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    if name == "cursor_key" or default in (None, ()):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
