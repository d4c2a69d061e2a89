"""What changes between schemas, and what that breaks."""

from pathlib import Path

from graphql import build_schema

from gql_app.commands.comparison import Comparison, compare, severity
from gql_app.commands.operations import ClientOperations
from gql_app.engine.limits import Limits

OLD = "enum E { A } type Query { kept: String retyped: Int gone: String e: E }"
NEW = "enum E { A B } type Query { kept: String retyped: String e: E new: Int }"


def compared(
    path: Path, operations: str | None = None, *, old: str | None = OLD, new: str = NEW
) -> Comparison:
    found = None
    if operations is not None:
        (path / "a.graphql").write_text(operations)
        found = ClientOperations.read(path)
    before = None if old is None else build_schema(old)
    return compare(before, build_schema(new), found, Limits())


def test_changes_are_classified(tmp_path: Path) -> None:
    comparison = compared(tmp_path)

    found = {change.type.name: str(severity(change)) for change in comparison.changes}
    assert found == {
        "FIELD_REMOVED": "breaking",
        "FIELD_CHANGED_KIND": "breaking",
        "VALUE_ADDED_TO_ENUM": "dangerous",
        "FIELD_ADDED": "safe",
    }
    assert comparison.fails


def test_additions_alone_do_not_fail(tmp_path: Path) -> None:
    assert not compared(tmp_path, new=OLD.replace("gone", "new: Int gone")).fails


def test_operations_that_do_not_use_what_breaks_decide(tmp_path: Path) -> None:
    comparison = compared(tmp_path, "{ kept e }")

    assert comparison.broken == []
    assert not comparison.fails


def test_operation_with_a_removed_field_breaks(tmp_path: Path) -> None:
    comparison = compared(tmp_path, "{ kept\n gone }")

    assert [(one.line, one.column) for one in comparison.broken] == [(2, 2)]
    assert comparison.fails


def test_operation_with_a_field_of_another_type_breaks(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path, "query Q { ...F }\nfragment F on Query { alias: retyped }"
    )

    (problem,) = comparison.broken
    assert (problem.line, problem.column) == (2, 23)
    assert problem.message == "Field Query.retyped changed type from Int to String."


def test_operation_that_was_invalid_before_is_not_broken_by_the_change(
    tmp_path: Path,
) -> None:
    comparison = compared(tmp_path, "{ never }")

    assert comparison.broken == []


def test_without_an_old_schema_all_operations_must_be_valid(tmp_path: Path) -> None:
    comparison = compared(tmp_path, "{ never }", old=None)

    assert comparison.changes == []
    assert len(comparison.broken) == 1
