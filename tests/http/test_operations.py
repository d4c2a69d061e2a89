"""Finding the operation that a request means, without parsing its document."""

import pytest

from gql_app.http.operations import NamedOperation, operation_of

DOCUMENT = '''
"""
query Described { no }
"""
fragment query on Query { role }
query First($list: [Int!] = [1], $text: String = "}", $in: In = {a: {b: 1}}) @a(b: {c: 1}) {
  mutation: hello { query subscription }
}
mutation Second { count }
subscription Third { ticks }
'''


@pytest.mark.parametrize(
    ("document", "name", "expected"),
    [
        ("{ role }", None, ("query", None)),
        ("query { role }", None, ("query", None)),
        ("query Role { role }", None, ("query", "Role")),
        ("# mutation A { b }\nmutation($a: Int) { b }", None, ("mutation", None)),
        ("fragment F on Query { role } { role }", None, ("query", None)),
        (DOCUMENT, None, ("query", "First")),
        (DOCUMENT, "First", ("query", "First")),
        (DOCUMENT, "Second", ("mutation", "Second")),
        (DOCUMENT, "Third", ("subscription", "Third")),
        (DOCUMENT, "query", None),
        ("{ role }", "Role", None),
        ("fragment F on Query { role }", None, None),
        ("type T { a: Int }", None, None),
        ("", None, None),
        ('query "', None, None),
        ("}}} { role", None, None),
    ],
)
def test_operation_is_found_by_its_name(
    document: str, name: str | None, expected: tuple[str, str | None] | None
) -> None:
    found = operation_of(document, name)

    assert found == (expected and NamedOperation(*expected))
