"""What a query may cost is counted before it runs, by every way in which it can ask for much."""

from typing import Any

import pytest
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, get_operation_ast, is_leaf_type, parse

from gateway.limits import PAGES, USUAL_LENGTHS, USUAL_VALUES, QuerySize
from gateway.schema import SCHEMA
from tests.unit.gateway_fakes import Town

ITEMS = "city { tasks(first: $n) { edges { node { title } } } }"


def cost(query: str, **variables: Any) -> int:
    """The cost of the only operation."""
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation is not None
    return QuerySize(document, operation, variables).cost()


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f"{{ {ITEMS} }}".replace("$n", "50"), {}),
        (f"query($n: Int!) {{ {ITEMS} }}", {"n": 50}),
        (f"query($n: Int!) {{ {ITEMS} }}", {"n": 50.0}),
        (f"query($n: Int = 50) {{ {ITEMS} }}", {}),
        (f"query($n: Int = 7) {{ {ITEMS} }}", {"n": 50}),
    ],
    ids=["literal", "variable", "float", "default", "default that is overridden"],
)
def test_a_page_of_fifty_costs_the_same_however_it_is_asked_for(query: str, variables: dict[str, Any]) -> None:
    assert cost(query, **variables) == 1 + 1 + 50 * 3


@pytest.mark.parametrize("odd", [None, "50", float("inf"), float("nan"), 50.5])
def test_a_value_that_is_no_length_counts_as_the_usual_page(odd: Any) -> None:
    assert cost(f"query($n: Int) {{ {ITEMS} }}", n=odd) == 1 + 1 + 20 * 3


def test_the_default_of_a_variable_cannot_ask_for_more_than_a_query_may() -> None:
    query = "query($n: Int = 9999) { city { tasks(first: $n) { edges { node { title } } } } }"
    refusal = Town().refusal(query)
    assert (refusal["field"], refusal["cost"]) == ("query", 2 + 9999 * 3)


def test_plain_lists_multiply_what_is_inside_them_by_their_usual_length() -> None:
    assert cost('{ case(id: "c") { history { what by } } }') == 1 + 1 + 12 * 2
    assert cost('{ case(id: "c") { reasons { text evidence } } }') == 1 + 1 + 4 * (1 + 3)
    assert cost("{ city { children { path } departments { path } } }") == 1 + (1 + 20) + (1 + 45)


def test_a_plan_with_the_lead_units_of_its_rows_stays_far_below_the_limit() -> None:
    assert cost('{ city { planProgress(planId: "p") { tasks rows { row leadUnits { name } } } } }') == 3 + 1 + 50 * 5


def test_every_list_of_the_schema_has_a_length() -> None:
    unknown = []
    for name, kind in SCHEMA.graphql_schema.type_map.items():
        fields = kind.fields.items() if isinstance(kind, GraphQLObjectType) and not name.startswith("__") else ()
        for field_name, field in fields:
            type_ = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if isinstance(type_, GraphQLList) and field_name != "edges":
                inner = type_.of_type.of_type if isinstance(type_.of_type, GraphQLNonNull) else type_.of_type
                if field_name not in (USUAL_VALUES if is_leaf_type(inner) else USUAL_LENGTHS.keys() | PAGES):
                    unknown.append(f"{name}.{field_name}")
    assert unknown == []
    assert sorted(PAGES) == [
        "bulletins",
        "cases",
        "deskQueue",
        "hotMatters",
        "hotspots",
        "misfits",
        "reports",
        "supervisions",
        "tasks",
        "workList",
    ]
