"""One GraphQL request makes at most one RPC per service and kind of data, however many units it names."""

from collections import Counter

import pytest

from infra.organisation.registry import Registry
from infra.organisation.unit import UnitKind
from tests.unit.gateway_fakes import HUASHAN, OF_HUASHAN, PANLONG, WUHUA, Town, case, task

FIGURES = """
fragment Figures on Unit {
  path caseCounts { total open } placed: taskCounts { total overdue } score rank grade change
  own: taskCounts(coordinate: RESPONSIBLE) { total } overdue standing { title }
  bulletins(first: 3) { edges { node { number } } }
}
"""
ONCE_EACH = {
    "complaints.case_counts": 1,
    "tasks.task_counts": 2,  # one for each of the two coordinates
    "assessment.latest_standings": 1,
    "notify.recent_bulletins": 1,
}


def test_the_city_its_18_districts_and_their_146_streets_cost_one_rpc_per_kind_of_data() -> None:
    town = Town()
    city = town.data(FIGURES + "{ city { ...Figures children { ...Figures children(kind: STREET) { ...Figures } } } }")[
        "city"
    ]
    assert len(city["children"]) == 18
    assert sum(len(district["children"]) for district in city["children"]) == 146
    assert town.services.calls == Counter(ONCE_EACH)


def test_units_named_one_by_one_and_by_different_entrances_are_asked_for_together() -> None:
    town = Town()
    streets = Registry.load("5301").all(kind=UnitKind.STREET)[:30]
    named = " ".join(f's{n}: street(code: "{street.code}") {{ ...Figures }}' for n, street in enumerate(streets))
    town.data(FIGURES + "{ city { ...Figures } me { unit { ...Figures } } " + named + "}")
    assert town.services.calls == Counter(ONCE_EACH)


def test_every_unit_is_asked_for_once_even_when_it_is_named_twice() -> None:
    town = Town()
    town.data(f'{{ a: unit(path: "{WUHUA}") {{ score rank }} b: district(code: "530102") {{ grade overdue score }} }}')
    assert ("assessment.latest_standings", ([WUHUA],), {}) in town.services.asked


def test_the_indicators_of_many_units_are_asked_for_together() -> None:
    town = Town()
    data = town.data(
        '{ city { indicators(period: "2026-Q1") { name period numerator denominator rate }'
        ' children { indicators(period: "2026-Q1") { rate } } } }'
    )
    assert town.services.calls == Counter({"assessment.indicators": 1})
    given = {"name": "closing_rate", "period": "2026-Q1", "numerator": 3, "denominator": 4, "rate": 0.75}
    assert data["city"]["indicators"] == [given]
    assert [child["indicators"] for child in data["city"]["children"]] == [[{"rate": 0.75}]] * 18


def test_the_channels_of_the_cases_of_many_places_are_asked_for_together() -> None:
    town = Town()
    city = town.data("{ city { caseChannels { channel number } children { caseChannels { number } } } }")["city"]
    assert city["caseChannels"] == [{"channel": "HOTLINE_12345", "number": 4}, {"channel": "PATROL", "number": 1}]
    assert town.services.calls == Counter({"complaints.case_counts_by_channel": 1})


def test_tasks_of_many_units_are_counted_by_source_in_one_rpc_for_each_way_of_counting() -> None:
    town = Town()
    counted = "taskCountsBy(by: SOURCE) { name number } late: taskCountsBy(by: CATEGORY, overdue: true) { number }"
    city = town.data(f"{{ city {{ {counted} children {{ {counted} }} }} }}")["city"]
    assert city["taskCountsBy"] == [{"name": "plan", "number": 5}, {"name": "case", "number": 3}]
    assert town.services.calls == Counter({"tasks.task_counts_by": 2})
    assert [asked[1][1:] for asked in town.services.asked] == [
        ("place", "source", None),
        ("place", "category", "overdue"),
    ]


def test_a_second_period_is_refused_and_the_first_arrives() -> None:
    town = Town()
    answer = town.ask(
        '{ city { a: indicators(period: "2026-Q1") { rate } b: indicators(period: "2026-03") { rate } } }'
    )
    assert answer["data"]["city"] == {"a": [{"rate": 0.75}], "b": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["refused"]
    assert town.services.calls == Counter({"assessment.indicators": 1})


def test_a_period_that_is_none_is_told_by_its_argument() -> None:
    [error] = Town().ask('{ city { indicators(period: "spring") { rate } } }')["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("invalid_input", "period")


def test_lists_of_many_units_are_asked_for_together() -> None:
    town = Town()
    town.data("{ city { children { tasks(first: 2) { totalCount } cases(first: 2) { totalCount } } } }")
    assert town.services.calls == Counter({"tasks.task_pages": 1, "complaints.case_pages": 1})
    assert [len(arguments[0]) for _, arguments, _ in town.services.asked] == [18, 18]


def test_the_list_of_one_unit_is_asked_for_by_the_method_for_one() -> None:
    town = Town()
    town.data("{ city { tasks { totalCount } } }")
    scope = {"place": "5301", "unit": None, "statuses": None, "source": None, "overdue": None}
    assert town.services.asked == [("tasks.tasks", (scope, 20, None), {})]


def test_the_cases_of_fifty_tasks_in_two_lists_are_asked_for_together() -> None:
    town = Town()
    town.services.cases = {f"c{n}": case(f"c{n}") for n in range(50)}
    town.services.tasks = {f"t{n}": task(f"t{n}", case_id=f"c{n}") for n in range(50)}
    listed = "edges { node { case { number } } }"
    town.data(f'{{ city {{ tasks(first: 50) {{ {listed} }} }} unit(path: "{WUHUA}") {{ tasks {{ {listed} }} }} }}')
    assert town.services.calls == Counter({"tasks.task_pages": 1, "complaints.cases_by_id": 1})


@pytest.mark.parametrize("turns", [1, 5, 200])
def test_what_is_named_by_answers_of_different_depth_and_speed_is_asked_for_together(turns: int) -> None:
    town = Town()
    town.services.cases["c2"] = case("c2", task_id="t2")
    town.services.tasks["t2"] = task("t2", case_id="c2")
    town.services.turns["complaints.case_pages"] = turns
    town.data("""{
      case(id: "c2") { task { title } }
      me { unit { children { cases(first: 1) { edges { node { task { title history { what } } } } } } } }
    }""")
    assert town.services.calls == Counter(
        {"complaints.cases_by_id": 1, "complaints.case_pages": 1, "tasks.tasks_by_id": 1}
    )


def test_what_a_list_brought_is_not_asked_for_again() -> None:
    town = Town()
    town.data("{ city { tasks { edges { node { case { task { case { number } } } } } } } }")
    assert town.services.calls == Counter({"tasks.tasks": 1, "complaints.cases_by_id": 1})


def test_a_question_that_would_need_the_same_kind_of_data_twice_is_refused_in_that_part() -> None:
    town = Town()
    town.services.cases["c2"] = case("c2", task_id="t2")
    town.services.tasks["t2"] = task("t2", case_id="c2")
    answer = town.ask('{ task(id: "t1") { title } case(id: "c2") { number task { title } } }')
    assert answer["data"] == {
        "task": {"title": "占道经营 · 华山街道"},
        "case": {"number": "5301-2026-000001", "task": None},
    }
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["refused"]
    assert town.services.calls == Counter({"tasks.tasks_by_id": 1, "complaints.cases_by_id": 1})


def test_two_bulletins_in_one_request_are_one_answer_and_one_refusal() -> None:
    town = Town()
    answer = town.ask('{ a: bulletin(id: "b1") { number } b: bulletin(id: "b2") { number } }')
    assert answer["data"] == {"a": {"number": "昆创文办〔2026〕1号"}, "b": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["refused"]
    assert town.services.calls == Counter({"notify.bulletin": 1})


@pytest.mark.parametrize("first", [1, 3])
def test_bulletins_of_different_lengths_are_asked_for_with_the_longest(first: int) -> None:
    town = Town()
    town.data(
        f'{{ a: unit(path: "{WUHUA}") {{ bulletins(first: {first}) {{ edges {{ cursor }} }} }}'
        f' b: unit(path: "{PANLONG}") {{ bulletins(first: 7) {{ edges {{ cursor }} }} }} }}'
    )
    assert town.services.asked == [("notify.recent_bulletins", ([WUHUA, PANLONG], 8), {})]


def test_a_street_asks_for_itself_only() -> None:
    town = Town()
    town.data("{ me { unit { caseCounts { total } } } }", OF_HUASHAN)
    assert town.services.asked == [("complaints.case_counts", ([HUASHAN],), {})]


def test_what_the_reports_of_many_cases_say_is_asked_for_together_a_page_of_each() -> None:
    town = Town()
    town.services.cases = {"c1": case("c1", receipts=["R-1", "R-2", "R-3"]), "c2": case("c2", receipts=["R-4"])}
    asked = (
        "reports(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { node { receipt text channel } } }"
    )

    found = town.data(f'{{ one: case(id: "c1") {{ {asked} }} other: case(id: "c2") {{ {asked} }} }}')
    after = found["one"]["reports"]["pageInfo"]["endCursor"]
    rest = town.data(
        f'{{ case(id: "c1") {{ reports(first: 2, after: "{after}") {{ edges {{ node {{ receipt }} }} }} }} }}'
    )

    assert town.services.calls["complaints.case_reports"] == 2
    assert (found["one"]["reports"]["totalCount"], found["other"]["reports"]["totalCount"]) == (3, 1)
    assert found["other"]["reports"]["edges"] == [
        {"node": {"receipt": "R-4", "text": "R-4的内容", "channel": "HOTLINE_12345"}}
    ]
    assert rest["case"]["reports"]["edges"] == [{"node": {"receipt": "R-3"}}]
