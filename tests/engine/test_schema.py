"""The schema: descriptions everywhere, the same text every time."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    print_schema,
)
from graphql import (
    build_schema as build_core,
)
from graphql.language import parse

from gql_app.engine import Api, Policy, build_schema, everyone
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.schema import core_schema
from tests.engine.graph import Graph, definition
from tests.engine.models import Country, CountryRead, Topic, TopicRead, library
from tests.engine.samples import sample_api

BUILT_IN = re.compile(r"__|(Boolean|Float|ID|Int|String)$")


@pytest.mark.parametrize("make", [library, sample_api])
def test_everything_is_described(make: Any) -> None:
    schema: GraphQLSchema = core_schema(build_schema(make()))
    missing = []
    for name, kind in schema.type_map.items():
        if BUILT_IN.match(name):
            continue
        missing += [] if kind.description else [name]
        for member, value in {
            **getattr(kind, "fields", {}),
            **getattr(kind, "values", {}),
        }.items():
            missing += [] if value.description else [f"{name}.{member}"]
            missing += [
                f"{name}.{member}({argument})"
                for argument, given in getattr(value, "args", {}).items()
                if not given.description
            ]

    assert missing == []


def test_the_text_is_the_same_every_time_and_sorted() -> None:
    first, second = (str(build_schema(library())) for _ in range(2))
    names = re.findall(
        r"^(?:type|input|enum|scalar|interface) (\w+)", first, re.MULTILINE
    )

    assert first == second
    assert names == sorted(names)


def test_the_text_is_a_schema_that_others_can_read(graph: Graph) -> None:
    text = str(graph.schema)

    assert parse(text).definitions
    assert "input PaperBy @oneOf" in text
    assert print_schema(build_core(text))


def test_types_show_the_read_model(graph: Graph) -> None:
    person = core_schema(graph.schema).get_type("Person")
    assert isinstance(person, GraphQLObjectType)

    assert {name: str(field.type) for name, field in person.fields.items()} == {
        "friends": "PersonConnection!",
        "home": "City",
        "homeCountry": "String",
        "id": "ID!",
        "initials": "String!",
        "liked": "LikePaperConnection!",
        "mentees": "PersonConnection!",
        "mentor": "Person",
        "mentorId": "ID",
        "name": "String!",
        "nickname": "String",
        "passport": "Passport",
        "reviewed": "PaperConnection!",
        "written": "PaperConnection!",
    }
    assert person.interfaces[0].name == "Node"
    assert person.fields["nickname"].deprecation_reason == "Use name."
    assert person.fields["name"].description == "The full name."
    assert person.fields["mentor"].description == "Who teaches this person."
    assert person.fields["initials"].description == (
        "The first letter of each word of the name."
    )


def test_lists_take_the_same_arguments_everywhere(graph: Graph) -> None:
    schema = core_schema(graph.schema)
    for kind, field in (("Query", "papers"), ("Person", "liked"), ("Topic", "papers")):
        owner = schema.get_type(kind)
        assert isinstance(owner, GraphQLObjectType)

        arguments = owner.fields[field].args

        assert {name: str(argument.type) for name, argument in arguments.items()} == {
            "first": "Int",
            "after": "String",
            "last": "Int",
            "before": "String",
            "where": "PaperWhere",
            "orderBy": "[PaperOrder!]",
        }


def test_relations_are_null_only_where_a_row_may_be_missing(graph: Graph) -> None:
    assert "country: Country!" in definition(graph.schema, "City")
    assert "paper: Paper!" in definition(graph.schema, "Note")
    assert "author: Person\n" in definition(graph.schema, "Paper")


def test_edges_of_links_with_columns_have_types_of_their_own(graph: Graph) -> None:
    assert definition(graph.schema, "LikePersonEdge") == "\n".join(
        [
            "type LikePersonEdge {",
            *("cursor: String!", "node: Person!", "remark: String", "stars: Int!"),
            "}",
        ]
    )
    assert definition(graph.schema, "PersonEdge") == (
        "type PersonEdge {\ncursor: String!\nnode: Person!\n}"
    )


def test_orders_are_by_no_ids_of_other_rows(graph: Graph) -> None:
    order = definition(graph.schema, "PaperOrder").splitlines()

    assert "id: OrderDirection" in order
    assert "author: PersonOrder" in order
    assert not any(line.startswith("authorId") for line in order)


def test_look_ups_take_each_visible_unique_key(graph: Graph) -> None:
    assert definition(graph.schema, "CityBy") == (
        "input CityBy @oneOf {\nid: ID\nkey: CityKey\n}"
    )
    assert definition(graph.schema, "PassportBy") == (
        "input PassportBy @oneOf {\nid: ID\nnumber: String\n}"
    )
    assert definition(graph.schema, "PersonBy") == "input PersonBy @oneOf {\nid: ID\n}"


def test_scalars_are_those_of_the_columns() -> None:
    lines = definition(build_schema(sample_api()), "Sample").splitlines()

    assert {
        "big: BigInt",
        "clock: Time",
        "data: JSON",
        "day: Date",
        "exact: Decimal",
        "flag: Boolean",
        "id: ID!",
        "kind: Kind",
        "localWord: String",
        "moment: DateTime",
        "mood: Mood",
        "naive: DateTime",
        "price: Decimal",
        "ratio: Float",
        "raw: Bytes",
        "small: Int",
        "span: Duration",
        "token: UUID",
        "word: String",
    } <= set(lines)


def test_filters_have_the_operators_that_make_sense() -> None:
    schema = build_schema(sample_api())

    assert "contains" in definition(schema, "StringFilter")
    assert "contains" not in definition(schema, "IntFilter")
    assert definition(schema, "JSONFilter") == (
        "input JSONFilter {\nisNull: Boolean\n}"
    )
    assert " lt" not in definition(schema, "KindFilter")
    order = definition(schema, "SampleOrder")
    assert "data" not in order
    assert "raw" not in order


def test_an_entity_takes_at_most_sixty_lines() -> None:
    def lines(api: Api) -> int:
        text = re.sub(r'"""(.|\n)*?"""\n', "", str(build_schema(api)))
        return len([line for line in text.splitlines() if line.strip()])

    one, two = Api(), Api()
    one.add(Topic, read=TopicRead, policy=Policy(read=everyone))
    two.add(Topic, read=TopicRead, policy=Policy(read=everyone))
    two.add(Country, read=CountryRead, policy=Policy(read=everyone))

    assert lines(two) - lines(one) <= 60


def test_an_empty_api_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least one entity"):
        build_schema(Api())
