"""Which edition and which edit is in force on a day; what that makes of a case's limit, and how it is told."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.problem import InvalidInput
from services.complaints.contracts import LimitTable, RequestKind, Urgency
from services.complaints.standard.giving import as_limit, hastened, limit_of, reason_of
from services.complaints.standard.lists import difference, page_of
from services.complaints.standard.tables import Tables
from tests.unit.standard_made import DAY, STREET, edit, edition, matter, rows

LAMP = rows()[3]
LATER = DAY + timedelta(days=31)
SLOW = msgspec.structs.replace(LAMP, limit="3天", amount=3.0)


def tables(*more: object) -> Tables:
    """One edition from DAY, and edits."""
    return Tables(1, [edition()], list(more))  # type: ignore[arg-type]


def test_before_its_first_day_the_standard_gives_no_limit() -> None:
    before = limit_of(matter(), tables(), DAY - timedelta(days=1))
    after = limit_of(matter(), tables(), DAY)

    assert (before.row.table, before.row.code, before.amount) == (LimitTable.OUTSIDE, "城乡建设-路灯", 2.0)
    assert (after.row_ref, after.amount, after.clock) == ("standard-2026-12-01-1:部件01-02-1", 1.0, "work_day")


def test_an_edit_holds_from_its_day_on_and_is_named() -> None:
    edited = tables(edit(SLOW, LATER))

    assert limit_of(matter(), edited, LATER - timedelta(days=1)).amount == 1.0
    assert limit_of(matter(), edited, LATER).row_ref == "standard-2026-12-01-1:部件01-02-1#1"
    assert limit_of(matter(), edited, LATER).amount == 3.0


def test_a_younger_edition_takes_the_place_of_the_older_and_of_its_edits() -> None:
    younger = edition(2, LATER, [msgspec.structs.replace(LAMP, limit="5天", amount=5.0)])
    both = Tables(3, [edition(), younger], [edit(SLOW, DAY)])

    assert limit_of(matter(), both, DAY).amount == 3.0
    assert limit_of(matter(), both, LATER).row_ref == "standard-2027-01-01-2:部件01-02-1"
    assert list(both.on(LATER).rows(LimitTable.STANDARD)) == ["部件01-02-1"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6), st.integers(0, 60))
def test_what_is_added_for_later_days_changes_no_day_before(edits: list[tuple[int, int]], ahead: int) -> None:
    made = [
        edit(msgspec.structs.replace(LAMP, limit=f"{n}天", amount=float(n)), DAY + timedelta(days=day), number)
        for number, (day, n) in enumerate(edits, start=1)
    ]
    day = DAY + timedelta(days=ahead)
    now = limit_of(matter(), tables(*made), day)
    future = edit(SLOW, day + timedelta(days=1), 99)
    next_one = edition(2, day + timedelta(days=1), [SLOW])

    assert limit_of(matter(), tables(*made, future), day) == now
    assert limit_of(matter(), Tables(9, [edition(), next_one], [*made, future]), day) == now
    holding = [(one.effective_from, one.number) for one in made if one.effective_from <= day]
    assert now.amount == (made[max(holding)[1] - 1].row.amount if holding else 1.0)


def test_urgency_shortens_what_the_row_gives_and_the_reason_says_so() -> None:
    given_ = limit_of(matter(urgency=Urgency.CRITICAL), tables(), DAY)
    reason = reason_of(given_, Urgency.CRITICAL)

    assert (given_.factor, given_.amount) == (0.25, 0.25)
    assert reason.text_zh == (
        "小类“庭院灯”，依据“不亮”适用立案条件“不亮”；按案件标准“部件01-02-1”（部件/公用设施/庭院灯）限1天；特急，按25%计为0.25天"
    )
    assert reason.evidence == ["standard-2026-12-01-1:部件01-02-1", "自2026-12-01起执行", "不亮"]
    assert hastened(given_, Urgency.NORMAL, DAY).amount == 1.0


@pytest.mark.parametrize("urgency", Urgency)
def test_a_limit_in_urgent_hours_is_an_emergencys_already_and_is_not_shortened(urgency: Urgency) -> None:
    given_ = limit_of(matter("有人未经审批砍伐行道树，非法伐树", urgency=urgency), tables(), DAY)

    assert (given_.row.clock, given_.factor, given_.amount) == ("urgent_hour", 1.0, 1.0)
    assert "计为" not in reason_of(given_, urgency).text_zh


def test_a_limit_to_stop_it_says_what_it_limits() -> None:
    given_ = limit_of(matter("有人未经审批砍伐行道树，非法伐树"), tables(), DAY)

    assert (given_.row.code, given_.row.qualifier, given_.closing_conditions) == ("事件01-22-1", "制止", ["制止"])
    assert "限1紧急工作时制止（时限要求为制止）" in reason_of(given_, Urgency.NORMAL).text_zh


def test_a_row_that_a_person_chose_counts_and_none_means_outside() -> None:
    chosen = limit_of(matter(row="部件01-01-2"), tables(), DAY)
    outside = limit_of(matter(row=""), tables(), DAY)

    assert (chosen.row.limit, chosen.why) == ("４小时", "坐席选定")
    assert (outside.row.code, outside.why) == ("城乡建设-路灯", "坐席认定不属案件标准所列；城乡建设类投诉（路灯）")
    with pytest.raises(InvalidInput) as refused:
        limit_of(matter(row="部件09-09-9"), tables(), DAY)
    assert refused.value.field == "standard_row"


@pytest.mark.parametrize(
    ("kind", "category", "code", "limit", "unit"),
    [
        (RequestKind.COMPLAINT, "utilities.manhole", "城乡建设-井盖", (2.0, "urgent_hour"), STREET),
        (RequestKind.ENQUIRY, "utilities.manhole", "咨询-城乡建设", (3.0, "work_day"), STREET),
        (RequestKind.HELP, "labour.pension", "求助-劳动和社会保障", (10.0, "work_day"), "5301/~labour"),
        (RequestKind.TIP_OFF, "other.other", "举报-其他", (10.0, "work_day"), STREET),
    ],
)
def test_outside_the_standard_kind_and_subject_give_limit_and_unit(
    kind: RequestKind, category: str, code: str, limit: tuple[float, str], unit: str
) -> None:
    found = as_limit(limit_of(matter("一件事", category, request_kind=kind), tables(), DAY))

    assert found.given is not None
    assert (found.given.row.code, (found.amount, found.clock), found.unit) == (code, limit, unit)


def test_an_enquiry_about_a_lamp_is_not_put_right_by_the_standard() -> None:
    assert limit_of(matter(request_kind=RequestKind.ENQUIRY), tables(), DAY).row.table == LimitTable.OUTSIDE


def test_a_territorial_unit_is_not_proposed_where_the_place_is_not_known() -> None:
    assert limit_of(matter(street=None), tables(), DAY).default_unit is None


def test_rows_are_searched_by_all_words_and_turned_by_page() -> None:
    page = page_of(tables(), LimitTable.STANDARD, DAY, search="雨水井盖 小时", first=1)

    assert ([view.row.code for view in page.rows], page.total, page.version) == (["部件01-01-2"], 1, 1)
    everything = page_of(tables(), LimitTable.STANDARD, DAY, first=2, skip=5)
    assert ([view.row.code for view in everything.rows], everything.total) == (["事件01-23-1", "事件01-98-1"], 7)
    assert page_of(tables(), LimitTable.STANDARD, date(2026, 1, 1)).total == 0


def test_two_days_differ_by_what_was_added_removed_and_changed() -> None:
    kept = [SLOW, msgspec.structs.replace(rows()[0], code="部件01-01-9"), rows()[4]]
    new = msgspec.structs.replace(rows()[6], filing_condition="已建成", code="事件01-98-2")
    both = Tables(2, [edition(), edition(2, LATER, [*kept, new])], [])

    found = [(one.change, one.code, one.fields) for one in difference(both, LimitTable.STANDARD, DAY, LATER)]

    assert found == [
        ("changed", "部件01-02-1", {"limit": ("1天", "3天")}),
        ("added", "事件01-98-2", {}),
        ("removed", "部件01-01-2", {}),
        ("removed", "部件01-01-3", {}),
        ("removed", "事件01-23-1", {}),
        ("removed", "事件01-98-1", {}),
    ]
