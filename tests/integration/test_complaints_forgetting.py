"""What was erased or is past its retention is nowhere in the database any more, and everything still counts."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.numbering import Numbering
from infra.organisation.officer import Officer
from infra.problem import Forbidden, InvalidInput, NotFound, Refused
from services.complaints.case import Case
from services.complaints.case_views import views_of
from services.complaints.channels import channel_named, known_channels
from services.complaints.contracts import CasePhoto, Channel
from services.complaints.erasure import Erasure
from services.complaints.intake import Intake
from services.complaints.numbers import receipts
from services.complaints.older_documents import OlderDocuments
from services.complaints.photos import Photo
from services.complaints.privacy import Vault
from services.complaints.refused import Misfit
from services.complaints.report import Report
from services.complaints.retention import Retention
from tests.integration.complaints_running import DESK, OFFICE
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT, DECISION, ORDER, VAULT, brought_to_checking, case, hears_revision, raw, report

NAME, PHONE, WORDS, HOME = "欧阳标", "13912345670", "蓝色大象踩坏了井盖", "翠湖花园3栋2单元501"
MARKS = (NAME, PHONE, WORDS, HOME)
RECEIPT = "HZ-GD1"
DAYS = timedelta(days=365)


@pytest.fixture(scope="module")
def db(servers: None) -> Iterator[Database[dict[str, Any]]]:
    """A database of complaints for this module."""
    with connected(own_settings(), "complaints", []) as database:
        yield database


@pytest.fixture
def town(db: Database[dict[str, Any]]) -> SimpleNamespace:
    """A closed case with the marked report GD1, and a misfit of the same number."""
    for name in db.list_collection_names():
        db[name].delete_many({})
    store, clock = Store(service="complaints"), FixedClock(AT)
    erasure = Erasure(store, VAULT, clock)
    store.insert_many([marked(), report("GD2")])
    store.insert(closed_case())
    odd = f'{{"工单编号":"GD1","诉求内容":"{WORDS}，{NAME}","事发时间":"昨天"}}'.encode()
    other = b'{"x":"GD11 and GD2"}'
    why = InvalidInput(f"not a date: {WORDS}", "时间有误")
    kept = [
        Misfit.keep(Channel.HOTLINE_12345, odd, why, vault=VAULT, at=AT),
        Misfit.keep(Channel.HOTLINE_12345, other, InvalidInput("odd", "有误"), vault=VAULT, at=AT),
    ]
    for one in kept:
        one.discard(Officer.from_json(OFFICE), "无法识别", at=AT, cause="request/0")
    store.insert_many(kept)
    retention = Retention(store, erasure, clock, DAYS.days)
    return SimpleNamespace(db=db, store=store, clock=clock, erasure=erasure, retention=retention, kept=kept)


def marked() -> Report:
    """The report GD1, which says what is searched for."""
    content = msgspec.structs.replace(
        ORDER.content, title=WORDS, text=f"{WORDS}，我是{NAME}，{PHONE}", place_fields={"事发地址": HOME}
    )
    personal = {"来电人": NAME, "号码": PHONE, "来电人地址": HOME}
    order = msgspec.structs.replace(ORDER, content=content, personal=personal)
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt=RECEIPT, vault=VAULT, at=AT, cause="intake/1"
    )


def closed_case() -> Case:
    """The closed case that GD1 opened; officers wrote about its sender."""
    one = brought_to_checking()
    hears_revision(one, marked())
    one.title, one.text, one.address = WORDS, f"{WORDS}，我是{NAME}", HOME
    one.close("坐席李", "井盖完好", f"{NAME}您好，{HOME}门口的井盖已更换", at=AT, cause="r")
    one.reasons = {"category": msgspec.structs.replace(DECISION.reasons["category"], evidence=[WORDS])}
    return one


def opened_case() -> Case:
    """The case that triage makes of GD1."""
    one = case()
    one.title, one.text, one.address = WORDS, f"{WORDS}，我是{NAME}", HOME
    return one


def dump(db: Database[dict[str, Any]]) -> bytes:
    """Everything that the database holds, but the events that are still to be published: ids, codes and what officers
    wrote before."""
    everything = b""
    for name in db.list_collection_names():
        raw_ = db[name].with_options(db[name].codec_options.with_options(document_class=RawBSONDocument))
        everything += b"".join(one.raw for one in raw_.find())
    return everything


def left(town: SimpleNamespace) -> set[str]:
    """The marks that are still somewhere in the database."""
    found = dump(town.db)
    return {mark for mark in MARKS if mark.encode() in found}


def test_the_marks_are_there_before(town: SimpleNamespace) -> None:
    assert left(town) == set(MARKS)


def test_after_an_erasure_nothing_of_the_report_is_anywhere_and_it_still_counts(town: SimpleNamespace) -> None:
    before = Case.objects.first().state()

    done = town.erasure.erase(RECEIPT, OFFICE, "本人要求", "request/1")

    assert left(town) == set()
    assert (done.cases, done.misfits, done.reason) == (1, 1, "本人要求")
    stored = Case.objects.first()
    assert stored.state() == before
    assert stored.reply == "某某您好，〔住址〕门口的井盖已更换"
    assert Misfit.objects(id=town.kept[1].id).first().key is not None
    assert Report.objects(id="hotline_12345:GD2").first().key is not None


def test_an_erasure_can_be_repeated_and_keeps_its_first_record(town: SimpleNamespace) -> None:
    first = town.erasure.erase(RECEIPT, OFFICE, "本人要求", "request/1")
    stored = dump(town.db)
    town.clock.advance(timedelta(days=1))

    again = town.erasure.erase(RECEIPT, OFFICE | {"name": "别人"}, "再次要求", "request/2")

    assert (again.erased_at, again.by, again.reason) == (first.erased_at, first.by, first.reason)
    assert (again.cases, again.misfits) == (0, 0)
    assert dump(town.db) == stored


def test_only_the_city_s_office_erases_and_says_why(town: SimpleNamespace) -> None:
    before = dump(town.db)

    with pytest.raises(Forbidden):
        town.erasure.erase(RECEIPT, DESK, "本人要求", "request/1")
    with pytest.raises(InvalidInput, match="reason"):
        town.erasure.erase(RECEIPT, OFFICE, " ", "request/1")
    with pytest.raises(NotFound):
        town.erasure.erase("HZ-none", OFFICE, "本人要求", "request/1")

    assert dump(town.db) == before


def test_a_case_that_is_given_the_words_at_the_same_moment_loses_them_again(town: SimpleNamespace) -> None:
    town.db.cases.delete_many({})
    town.erasure.erase(RECEIPT, OFFICE, "本人要求", "request/1")
    town.store.insert(opened_case())  # by a triage that had read the report before
    assert WORDS in left(town)

    town.erasure.catch_up(["hotline_12345:GD1", "hotline_12345:GD2"])

    assert left(town) == set()


def test_an_ended_case_is_anonymised_when_its_time_is_over_and_not_before(town: SimpleNamespace) -> None:
    town.clock.advance(DAYS)
    assert town.retention.run() == 0
    before, told = Case.objects.first().state(), len(Case.objects.first().outbox)

    town.clock.advance(timedelta(seconds=1))

    assert town.retention.run() == 3  # the case and two misfits
    assert left(town) == {WORDS}  # the matter stays, in the report and the case
    stored = Case.objects.first()
    assert stored.text == f"{WORDS}，我是某某"
    assert (stored.state(), len(stored.outbox)) == (before, told)
    assert Report.objects(id="hotline_12345:GD1").first().key is None
    assert Report.objects(id="hotline_12345:GD2").first().key is not None  # in no ended case
    assert town.retention.run() == 0


def test_a_crash_between_case_and_reports_leaves_it_due(town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    town.clock.advance(DAYS + timedelta(days=1))
    with monkeypatch.context() as crash:
        crash.setattr(Report, "anonymise", _killed)
        with pytest.raises(KeyboardInterrupt):
            town.retention.run()

    assert town.retention.run() == 3
    assert left(town) == {WORDS}


def test_what_nobody_could_take_in_is_kept_as_long_as_it_waits_for_a_person(town: SimpleNamespace) -> None:
    odd = Misfit.keep(Channel.HOTLINE_12345, b'{"y":1}', InvalidInput("odd", "有误"), vault=VAULT, at=AT)
    town.store.insert(odd)
    town.db.misfits.update_one({"_id": odd.id}, {"$set": {"retained_since": AT}})  # as it was kept before
    town.clock.advance(DAYS * 3)

    assert town.retention.run() == 3  # the case and the two that were discarded
    assert (Misfit.objects.get(id=odd.id).key is not None, town.retention.run()) == (True, 0)

    town.store.change(
        Misfit, odd.id, lambda one: one.discard(Officer.from_json(OFFICE), "无效", at=town.clock.now(), cause="r/1")
    )
    town.clock.advance(DAYS)
    assert town.retention.run() == 0
    town.clock.advance(timedelta(seconds=1))
    assert (town.retention.run(), Misfit.objects.get(id=odd.id).key) == (1, None)


def test_two_replicas_do_no_harm_to_each_other(town: SimpleNamespace) -> None:
    town.clock.advance(DAYS + timedelta(days=1))
    other = Retention(Store(service="complaints"), town.erasure, town.clock, DAYS.days)
    case_id = Case.objects.first().id

    other._case(case_id)
    town.retention._case(case_id)  # it had found the case due at the same moment

    assert left(town) <= {WORDS, NAME}  # the misfits are not due yet in this test
    assert Case.objects.first().retained_since is None


def _killed(*_: object) -> None:
    """The end of the process, which nothing catches."""
    raise KeyboardInterrupt


def test_a_case_that_cannot_be_anonymised_keeps_no_other_one_in(
    town: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    town.db.cases.insert_one({"_id": "odd", "number": "0", "retained_since": AT - DAYS})
    town.clock.advance(2 * DAYS)

    assert town.retention.run() == 3

    assert left(town) == {WORDS}
    assert "case odd cannot be anonymised" in caplog.text


def test_documents_from_before_a_field_was_there_are_completed_once(town: SimpleNamespace) -> None:
    older = OlderDocuments(town.store, town.erasure)
    absent = {"retained_since": "", "hidden": ""}
    town.db.cases.update_many({}, {"$unset": absent})
    town.db.misfits.update_many({}, {"$unset": absent})

    assert (older.complete(None, 500).cases, town.db.misfits.count_documents({"retained_since": AT})) == (1, 2)

    (view,) = views_of(Case.objects)
    assert (view.title, view.text) == (WORDS, f"{WORDS}，我是某某")
    again = older.complete(None, 500)
    assert (again.cases, again.misfits, again.next) == (0, 0, None)
    town.clock.advance(2 * DAYS)
    assert town.retention.run() == 3
    assert left(town) == {WORDS}


def test_the_photos_of_a_report_are_seen_with_its_case_until_it_is_erased(town: SimpleNamespace) -> None:
    photo = Photo("https://photos.example/1.jpg", "a" * 64)
    order = msgspec.structs.replace(ORDER, content=msgspec.structs.replace(ORDER.content, photos=[photo]))

    def revise(stored: Report) -> bool:
        return stored.revise(order, raw(order), vault=VAULT, at=AT, cause="r")

    town.store.change(Report, "hotline_12345:GD1", revise)
    pictured = Report.objects(id="hotline_12345:GD1").first()
    town.store.change(Case, Case.objects.first().id, lambda case: hears_revision(case, pictured))

    (view,) = views_of(Case.objects)
    assert view.photos == [CasePhoto(receipt=RECEIPT, reference=photo.reference, sha256=photo.sha256)]
    town.erasure.erase(RECEIPT, OFFICE, "本人要求", "r")
    assert views_of(Case.objects)[0].photos == []


def test_what_comes_under_a_number_that_does_not_open_is_kept_and_costs_its_neighbours_nothing(
    town: SimpleNamespace,
) -> None:
    intake = Intake(town.store, Vault("another"), receipts(Numbering(town.db), town.clock), town.clock)
    items = [
        msgspec.json.encode(known_channels()["hotline_12345"].sample | {"工单编号": number})
        for number in ("GD1", "GD9")
    ]

    odd, good = intake.take(channel_named("hotline_12345"), items, "r")

    assert isinstance(odd, Refused)
    assert town.db.misfits.count_documents({"_id": odd.extra["kept_as"]}) == 1
    assert getattr(good, "outcome", None) == "received"
