"""The tables of limits in the database: imported, edited under their version, seen by every process, kept by cases."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra import mongo
from infra.clock import CITY_ZONE
from infra.held_copy import LOOK_EVERY
from infra.messaging.store import Store
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, Stale
from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.channels import known_channels
from services.complaints.contracts import Channel, LimitTable, Urgency
from services.complaints.corrections import Decided
from services.complaints.filing import triage_input
from services.complaints.report import Report
from services.complaints.standard.commands import StandardCommands
from services.complaints.standard.limiting import Limits
from services.complaints.standard.shelf import CaseStandard, Shelf, StoredEdit, StoredEdition
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import triage
from tests.integration.one_service import own_settings
from tests.unit.case_samples import AT, VAULT
from tests.unit.standard_made import FACILITIES, xlsx

REGISTRY, LEXICON = Registry.load(), Lexicon.load()
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}
DESK = {"role": "hotline_desk", "unit": "5301", "name": "钱七"}
TODAY = AT.astimezone(CITY_ZONE).date()
TOMORROW, YESTERDAY = ((TODAY + timedelta(days=n)).isoformat() for n in (1, -1))
COVER = {"大类": "公用设施", "小类": "雨水井盖", "问题类型": "部件", "问题描述": "五华区华山街道翠湖南路雨水井盖破损"}


class Wall:
    """Wall time that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Clock:
    """The moment AT."""

    def now(self) -> Any:
        return AT


class Town:
    """Two processes on one database: `shelf` of the one that commands, `other` of another."""

    def __init__(self) -> None:
        self.store, self.wall = Store(service="complaints"), Wall()
        self.shelf, self.other = Shelf("5301", self.wall), Shelf("5301", self.wall)
        self.commands = StandardCommands(self.store, REGISTRY, self.shelf, Clock())  # type: ignore[arg-type]
        self.limits = Limits(REGISTRY, LEXICON, self.shelf.tables)

    def put(self, day: str = YESTERDAY, by: dict[str, Any] = OFFICE, content: bytes | None = None, **more: Any) -> Any:
        file = base64.b64encode(xlsx() if content is None else content).decode()
        return self.commands.import_table("5301", "标准.xlsx", file, day, by, "首次导入", "r/1", **more)

    def edit(
        self, code: str = "部件01-01-2", day: str = TOMORROW, seen: int = 1, by: Any = OFFICE, **changes: str
    ) -> Any:
        return self.commands.edit(code, changes or {"limit": "1天"}, day, by, "试行", seen, "r/2")

    def open(self, number: str = "N1", **changes: str) -> Case:
        sample = known_channels()["hotline_12319"]
        order = sample.parse(sample.sample | {"案卷号": number} | COVER | changes)
        report = Report.receive(
            Channel.HOTLINE_12319, order, b"{}", receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="i/1"
        )
        decision = triage(triage_input(order.content), REGISTRY, LEXICON)
        limit = self.limits.for_report(order.content, decision, AT)
        return Case.open_with(report, decision, number=number, limit=limit, at=AT, cause="e/1")

    def told(self) -> list[str]:
        """The events of the register so far."""
        found = CaseStandard.objects(id="5301").first()
        return [one.type for one in found.outbox] if found else []


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    found = mongo.connect(own_settings(), "complaints")  # without indexes: they are nothing to these tests
    kinds = (CaseStandard, StoredEdition, StoredEdit)
    yield found
    found.client.drop_database(found.name)
    mongo.disconnect("complaints")
    for kind in kinds:
        kind._collection = None  # mongoengine keeps the collection of the first database


@pytest.fixture
def town(database: Any) -> Town:
    for name in ("case_standard", "standard_editions", "standard_edits"):
        database[name].delete_many({})
    return Town()


def test_an_import_is_in_force_from_its_day_and_every_process_sees_it(town: Town) -> None:
    assert town.other.tables().on(TODAY).rows(LimitTable.STANDARD) == {}

    report = town.put()

    assert (report.edition, report.rows, report.classes, report.refused) == (f"standard-{YESTERDAY}-1", 7, 5, [])
    assert (report.version, town.told()) == (1, ["case_standard_changed"])
    assert len(town.shelf.tables().on(TODAY).rows(LimitTable.STANDARD)) == 7
    assert town.other.tables().version == 0
    town.wall.now += LOOK_EVERY
    assert town.other.tables().version == 1


def test_a_shelf_reads_the_tables_only_when_they_have_changed(town: Town) -> None:
    town.put()
    known = town.other.tables()
    town.wall.now += 10 * LOOK_EVERY

    assert town.other.tables() is known


def test_a_declared_class_of_12319_gives_the_case_its_rows_limit(town: Town) -> None:
    town.put()
    case = town.open()
    view = view_of(case)

    assert (case.limit_amount, case.limit_clock) == (4.0, "work_hour")
    assert case.state().limit_row == f"standard-{YESTERDAY}-1:部件01-01-2"
    assert (case.state().subject, case.state().default_unit) == ("城乡建设", "5301/530103/530103002")
    assert view.limit is not None
    assert (view.limit.row.limit, view.limit.row.filing_condition) == ("４小时", "破损超过25c㎡")
    assert view.limit.closing_conditions == ["更换或修复"]
    assert "依据“破损”" in view.reasons["limit"].text_zh


def test_what_is_imported_or_edited_later_leaves_a_filed_case_as_it_is(town: Town) -> None:
    town.put()
    case = town.open()
    town.edit(day=TODAY.isoformat())
    town.put(TOMORROW, content=xlsx([*FACILITIES[:3], [None] * 6 + ["破损", "更换", "9天"]], merge=True))

    hurried = town.limits.for_case(case, _decided(case, urgency=Urgency.URGENT), AT)

    assert (hurried.amount, hurried.clock, hurried.row) == (2.0, "work_hour", f"standard-{YESTERDAY}-1:部件01-01-2")
    assert town.open("N2").state().limit_row == f"standard-{YESTERDAY}-1:部件01-01-2#1"


def test_an_officer_chooses_another_row_or_none_and_another_category_leaves_the_standard(town: Town) -> None:
    town.put()
    case = town.open()

    def limit(**changes: Any) -> tuple[float, str, str]:
        found = town.limits.for_case(case, _decided(case, **changes), AT)
        return found.amount, found.clock, (found.row or "").partition(":")[2]

    assert limit(standard_row="部件01-01-1") == (2.0, "urgent_hour", "部件01-01-1")
    assert limit(standard_row="") == (2.0, "urgent_hour", "城乡建设-井盖")
    assert limit(category="sanitation.toilet", standard_row=None) == (1.0, "work_day", "城乡建设-公共厕所")
    with pytest.raises(InvalidInput):
        limit(standard_row="部件99-99-1")


def test_an_edit_names_who_when_and_why_and_is_refused_to_those_who_saw_an_older_version(town: Town) -> None:
    town.put()
    page = town.edit()

    (view,) = page.rows
    assert (view.row.limit, view.row.clock, view.edit, view.by, view.why) == ("1天", "work_day", 1, "赵六", "试行")
    assert (view.effective_from.isoformat(), page.version) == (TOMORROW, 2)
    with pytest.raises(Stale) as stale:
        town.edit(code="部件01-01-1", seen=1)
    assert stale.value.extra["current_version"] == 2
    assert stale.value.extra["changed_what"] == "修订部件01-01-2"


@pytest.mark.parametrize(
    ("refused", "changes"),
    [
        (Forbidden, {"by": DESK}),
        (Refused, {"day": YESTERDAY}),
        (NotFound, {"code": "部件99-99-1"}),
        (InvalidInput, {"limit": "尽快"}),
        (InvalidInput, {"limit": "４小时"}),
        (InvalidInput, {"default_unit": "~nobody"}),
        (InvalidInput, {"closing_condition": " "}),
        (InvalidInput, {"kind": "事件"}),
        (InvalidInput, {"seen": True}),
        (Stale, {"seen": 0}),
    ],
)
def test_a_refused_edit_changes_nothing_and_tells_nothing(
    town: Town, database: Any, refused: type[Problem], changes: dict[str, Any]
) -> None:
    town.put()
    with pytest.raises(refused):
        town.edit(**changes)

    assert town.told() == ["case_standard_changed"]
    assert (database.standard_edits.count_documents({}), town.shelf.tables().version) == (0, 1)


@pytest.mark.parametrize(
    ("refused", "changes"),
    [
        (Forbidden, {"by": DESK}),
        (InvalidInput, {"day": "明天"}),
        (InvalidInput, {"content": b"no table"}),
        (InvalidInput, {"table": "third"}),
        (InvalidInput, {"table": "outside", "content": "诉求类型,一级分类,处置时限,默认承办单位\n".encode()}),
    ],
)
def test_a_refused_import_changes_nothing_and_tells_nothing(
    town: Town, database: Any, refused: type[Problem], changes: dict[str, Any]
) -> None:
    with pytest.raises(refused):
        town.put(**changes)

    assert (town.told(), database.standard_editions.count_documents({})) == ([], 0)


def test_history_is_not_rewritten_and_the_same_table_is_not_imported_twice(town: Town, database: Any) -> None:
    town.put()
    other = xlsx(FACILITIES[:3], merge=False)

    with pytest.raises(Refused):
        town.put(YESTERDAY, content=other)
    assert town.put(TOMORROW, trial=True).edition is None
    assert town.put(TOMORROW, seen=1).edition == f"standard-{TOMORROW}-2"
    assert town.put(TOMORROW).edition == f"standard-{TOMORROW}-2"
    assert database.standard_editions.count_documents({}) == 2


def test_refused_rows_hold_up_the_import_unless_that_is_allowed(town: Town, database: Any) -> None:
    bad = [[*row[:8], "尽快"] if n == 5 else row for n, row in enumerate(FACILITIES)]

    held = town.put(content=xlsx(bad))
    assert (held.edition, [(one.sheet, one.row) for one in held.refused]) == (None, [("部件", 6)])
    assert database.standard_editions.count_documents({}) == 0

    allowed = town.put(content=xlsx(bad), allow_refused=True)
    assert (allowed.edition, allowed.rows) == (f"standard-{YESTERDAY}-1", 6)


def test_the_second_table_is_edited_like_the_standard(town: Town) -> None:
    page = town.commands.edit(
        "投诉-交通运输",
        {"limit": "3天", "default_unit": "territory"},
        TODAY.isoformat(),
        OFFICE,
        "提速",
        0,
        "r/3",
        table="outside",
    )

    (view,) = page.rows
    assert (view.row.amount, view.row.default_unit, view.edition) == (3.0, "territory", "outside-0")
    report = town.put(TOMORROW)
    assert report.edits_left_behind == []


def test_an_import_says_which_edits_it_leaves_behind(town: Town) -> None:
    town.put()
    town.edit(day=TODAY.isoformat())

    assert town.put(TOMORROW).edits_left_behind == ["部件01-01-2"]


def _decided(case: Case, **changes: Any) -> Decided:
    return msgspec.structs.replace(case.decided(), **changes)
