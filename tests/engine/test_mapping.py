"""Mapping: every scalar out and back in; clear errors for what can't be served."""

from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Literal, NewType

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, Scalar, build_schema, everyone
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.mapping import ScalarMap, allows_none, strip
from tests.engine.graph import Graph, definition, fill
from tests.engine.samples import Sample, sample_api

PUBLIC = Policy(read=everyone)

WRITTEN: dict[str, list[tuple[Any, Any]]] = {
    "big": [(2**63 - 1, "9223372036854775807"), (-1, "-1")],
    "ratio": [(0.1, 0.1), (1e300, 1e300), (-0.5, -0.5)],
    "price": [("0.10", "0.1"), ("-12345678.90", "-12345678.9"), ("100", "100")],
    "exact": [("0.0001", "0.0001"), ("99999999999999.9999",) * 2, ("10", "10")],
    "kind": [("SOLID", "SOLID")],
    "mood": [("happy", "happy")],
    "data": [
        ({"ü": [1, None, 2.5, "\u2028"]}, {"ü": [1, None, 2.5, "\u2028"]}),
        ("text", "text"),
        (0, 0),
    ],
    "token": [("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")],
    "raw": [("", ""), ("//4=", "//4=")],
    "moment": [
        ("2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z"),
        ("2026-03-29T01:30:00.000001Z", "2026-03-29T01:30:00.000001Z"),
    ],
    "naive": [("2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z")],
    "day": [("2026-02-28", "2026-02-28"), ("0001-01-01", "0001-01-01")],
    "clock": [("12:30:00", "12:30:00"), ("23:59:59.999999", "23:59:59.999999")],
    "span": [("P1DT12H", "P1DT43200S"), ("-PT1S", "-PT1S"), ("PT0.5S", "PT0.5S")],
    "word": [("\u0001\ud7ff\U0010ffff", "\u0001\ud7ff\U0010ffff"), ("", "")],
    "flag": [(True, True), (False, False)],
}  # fmt: skip


@pytest.mark.parametrize("field", WRITTEN)
def test_values_come_back_as_they_were_written(
    own_database: Database, field: str
) -> None:
    graph = Graph(sample_api(), own_database)
    (entity,) = sample_api().entities
    column = entity.columns[field]
    assert column.scalar is not None
    loaded = [
        given if field in ("data", "kind", "mood") else column.scalar.load(given)
        for given, _ in WRITTEN[field]
    ]
    rows = [{"id": number, field: value} for number, value in enumerate(loaded, 1)]
    if field == "naive":
        rows = [{**row, field: row[field].replace(tzinfo=None)} for row in rows]

    fill(own_database, {Sample: rows})

    found = graph.execute(f"{{ samples {{ nodes {{ {field} }} }} }}")["samples"]
    expected = [shown for _, shown in WRITTEN[field]]
    assert [node[field] for node in found["nodes"]] == expected


def test_annotations_are_stripped_to_their_type() -> None:
    name = NewType("name", str)

    assert strip(Annotated[int, "described"]) is int
    assert strip(int | None) is int
    assert strip(Annotated[name | None, "described"]) is str
    assert strip(Literal["a", "b"]) is str
    assert strip(int | str) == int | str
    assert [allows_none(one) for one in (int | None, None, Any, int)] == [
        *(True, True, True, False)
    ]


def test_each_python_enum_is_one_graphql_enum() -> None:
    class Colour(Enum):
        RED = "r"

    scalars = ScalarMap({})

    assert scalars.of_annotation(Colour) is scalars.of_annotation(Colour | None)


def make(annotation: Any, name: str = "Thing") -> type[SQLModel]:
    """A table with a key and one more column."""
    metaclass: Any = type(SQLModel)
    base = metaclass("Base", (SQLModel,), {"__module__": __name__}, registry=registry())
    namespace = {
        "__module__": __name__,
        "__annotations__": {"id": int, "value": annotation},
        "id": Field(primary_key=True),
    }
    made: type[SQLModel] = metaclass(name, (base,), namespace, table=True)
    return made


class OnlyId(SQLModel):
    id: int


class Point:
    """A Python type that the engine has never heard of."""


class PointType(sa.types.UserDefinedType[Point]):
    cache_ok = True


def served(table: type[SQLModel], **scalars: Any) -> Any:
    api = Api(**scalars)
    api.add(table, read=table, policy=PUBLIC)
    return build_schema(api)


def point_table() -> type[SQLModel]:
    class Base(SQLModel, registry=registry()):
        pass

    class Thing(Base, table=True):
        model_config = {"arbitrary_types_allowed": True}  # noqa: RUF012  # pydantic's

        id: int = Field(primary_key=True)
        value: Point = Field(sa_type=PointType)

    return Thing


def test_a_column_without_a_scalar_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"'value'.*'thing'.*Api\(scalars"):
        served(point_table())


def test_a_scalar_can_be_given_for_an_unknown_type() -> None:
    scalar = Scalar("String", str, ("isNull",), order="never")

    schema = served(point_table(), scalars={Point: scalar})

    assert "value: String!" in definition(schema, "Thing")


def test_a_column_that_clients_do_not_see_needs_no_scalar() -> None:
    api = Api()
    api.add(point_table(), read=OnlyId, policy=PUBLIC)

    assert "value" not in definition(build_schema(api), "Thing")


class Shop(SQLModel, registry=registry()):
    """Tables for wrong registrations."""


class Person(Shop, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    born: timedelta | None = None
    items: list["Item"] = Relationship(back_populates="owner")


class Item(Shop, table=True):
    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="person.id")
    owner: Person = Relationship(back_populates="items")


class PersonRead(SQLModel):
    id: int
    name: str


class WithMore(PersonRead):
    age: int


class Clashing(PersonRead):
    items_count: int = 0


def shout(title: str) -> str:
    return title


def untyped(name):  # type: ignore[no-untyped-def]  # wrong on purpose
    return name


def name(id: int) -> str:
    return str(id)


def viewer_can_delete(id: int) -> bool:
    return id > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"computed": (name,)}, "Person has two fields named name; rename one"),
        (
            {
                "computed": (viewer_can_delete,),
                "policy": Policy(everyone, delete=everyone),
            },
            "Person has two fields named viewerCanDelete",
        ),
        ({"read": WithMore}, r"WithMore.age is not a column of the table 'person'"),
        ({"order_by": ("age",)}, "Person can't be ordered by 'age'"),
        ({"computed": (shout,)}, "Person.shout needs 'title', which is not a column"),
        ({"computed": (untyped,)}, "Person.untyped needs a return annotation"),
        ({"name": "__Person"}, "'__Person' can't be a GraphQL name"),
        ({"name": "Per son"}, "'Per son' can't be a GraphQL name"),
    ],
)
def test_wrong_registrations_are_refused(options: Any, message: str) -> None:
    api = Api()
    api.add(Person, **{"read": PersonRead, "policy": PUBLIC, **options})

    with pytest.raises(ConfigurationError, match=message):
        build_schema(api)


@pytest.mark.parametrize(
    "name",
    [
        *("Query", "Node", "PageInfo", "OrderDirection", "String", "BigInt"),
        *("StringFilter", "ItemConnection", "ItemWhere", "ItemBy"),
    ],
)
def test_types_that_share_a_name_are_refused(name: str) -> None:
    api = Api()
    api.add(Item, read=OnlyId, policy=PUBLIC)
    api.add(Person, read=PersonRead, policy=PUBLIC, name=name)

    with pytest.raises(ConfigurationError, match=rf"The type {name}.*another name"):
        build_schema(api)


@pytest.mark.parametrize("plural", ["Person", "Items", "Item", "Nodes"])
def test_root_fields_that_share_a_name_are_refused(plural: str) -> None:
    api = Api()
    api.add(Item, read=OnlyId, policy=PUBLIC)
    api.add(Person, read=PersonRead, policy=PUBLIC, plural=plural)

    with pytest.raises(ConfigurationError, match=r"The field of Query .*another name"):
        build_schema(api)


def test_a_name_is_given_once() -> None:
    api = Api()
    api.add(Person, read=PersonRead, policy=PUBLIC)

    with pytest.raises(ConfigurationError, match="Person is added twice"):
        api.add(Item, read=OnlyId, policy=PUBLIC, name="Person")


def test_a_table_is_served_once() -> None:
    api = Api()
    api.add(Person, read=PersonRead, policy=PUBLIC)

    with pytest.raises(ConfigurationError, match=r"table Person is added twice"):
        api.add(Person, read=PersonRead, policy=PUBLIC, name="Human")


def test_enums_that_share_a_name_are_refused() -> None:
    api = Api()
    for name in ("One", "Two"):
        status: Any = Enum("Status", [(name.upper(), name)])  # type: ignore[misc]  # not a literal
        table = make(status | None, name)
        api.add(table, read=table, policy=PUBLIC)

    with pytest.raises(ConfigurationError, match=r"Status.*another name"):
        build_schema(api)


def test_relations_need_both_ends() -> None:
    api = Api()
    api.add(Person, read=PersonRead, policy=PUBLIC)

    assert "items" not in definition(build_schema(api), "Person")


def test_time_zones_of_sessions_do_not_move_moments(samples: Graph) -> None:
    query = (
        """query ($w: SampleWhere) { samples(where: $w) { nodes { naive moment } } }"""
    )
    at = "2026-03-29T01:30:00Z"
    naive = samples.execute(query, w={"naive": {"eq": at}})["samples"]["nodes"]
    aware = samples.execute(query, w={"moment": {"eq": at}})["samples"]["nodes"]

    assert naive
    assert {node["naive"] for node in naive} == {at}
    assert {node["moment"] for node in aware} == {at}
