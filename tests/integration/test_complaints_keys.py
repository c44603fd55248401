"""The master key is rotated while all goes on; a report is read in clear only after it was recorded who reads."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from pymongo.database import Database
from pymongo.errors import ServerSelectionTimeoutError

from infra.clock import FixedClock
from infra.master_keys import fingerprint
from infra.messaging.store import Store
from infra.problem import Forbidden, InvalidInput, NotFound, Refused
from services.complaints.accesses import Access, Accesses
from services.complaints.contracts import Channel
from services.complaints.privacy import Vault
from services.complaints.refused import Misfit
from services.complaints.report import Report
from services.complaints.rotation import SEALED, Rotation
from tests.integration.complaints_running import DESK, OFFICE, STREET_OFFICER
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT, ORDER, case, raw

REPORTS, MISFITS = 25, 5


@pytest.fixture(scope="module")
def db(servers: None) -> Iterator[Database[dict[str, Any]]]:
    """A database of complaints for this module."""
    with connected(own_settings(), "complaints", []) as database:
        yield database


@pytest.fixture
def town(db: Database[dict[str, Any]]) -> SimpleNamespace:
    """Reports and misfits sealed under the master key `old`; `secrets` is what the secrets file says."""
    for name in db.list_collection_names():
        db[name].delete_many({})
    secrets = {"master_key": "old"}
    place = SimpleNamespace(db=db, secrets=secrets, store=Store(service="complaints"))
    place.vault = Vault(lambda: place.secrets)
    place.store.insert_many([report(place.vault, n) for n in range(REPORTS)])
    odd = [
        Misfit.keep(Channel.HOTLINE_12345, b"?%d" % n, InvalidInput("odd", "有误"), vault=place.vault, at=AT)
        for n in range(MISFITS)
    ]
    place.store.insert_many(odd)
    place.accesses = Accesses(place.store, place.vault, FixedClock(AT), "5301")
    return place


def report(vault: Vault, n: int) -> Report:
    """The report number `n`."""
    order = msgspec.structs.replace(ORDER, external_id=f"GD{n}")
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt=f"HZ-{n}", vault=vault, at=AT, cause="intake/1"
    )


def with_new_master(town: SimpleNamespace) -> None:
    """The secrets file gets a new master key and keeps the old one."""
    town.secrets = {"master_key": "new", f"master_key.{fingerprint('old')}": "old"}


def test_a_rotation_that_is_broken_off_goes_on_and_two_replicas_share_it(town: SimpleNamespace) -> None:
    with_new_master(town)
    assert Rotation(town.store, town.vault).rewrap(10).done == 10 + MISFITS  # and then the process dies
    one, other = Rotation(town.store, town.vault), Rotation(Store(service="complaints"), Vault(lambda: town.secrets))
    assert one.standing().left == {fingerprint("old"): REPORTS - 10}

    steps = [one.rewrap(8), other.rewrap(5), one.rewrap(8)]

    assert [step.done for step in steps] == [8, 5, 2]
    assert steps[-1].left == 0
    assert other.rewrap(8).done == 0
    alone = Vault("new")  # the old master key is retired
    stored = list(Report.objects)
    assert {alone.open(it.id, it.key, it.latest.sealed_raw)[:1] for it in stored} == {b"{"}
    assert [it.version for it in stored] == [1] * REPORTS
    assert sum(len(it.outbox) for it in stored) == REPORTS  # nothing is told of it, nothing told is lost


def test_both_keys_open_while_it_goes_on_and_what_comes_in_is_sealed_under_the_new_one(town: SimpleNamespace) -> None:
    before = Report.objects(id="hotline_12345:GD0").first()
    with_new_master(town)
    Rotation(town.store, town.vault).rewrap(10)

    town.store.insert(report(town.vault, 99))

    assert {town.vault.open(it.id, it.key, it.latest.sealed_personal) for it in Report.objects} == {
        msgspec.json.encode(ORDER.personal)
    }
    assert Report.objects(id="hotline_12345:GD99").first().key.master == fingerprint("new")
    assert before.key.master == fingerprint("old")


def test_who_changes_a_report_meanwhile_loses_nothing(town: SimpleNamespace) -> None:
    with_new_master(town)
    rotation, calls = Rotation(town.store, town.vault), []
    order = msgspec.structs.replace(ORDER, content=msgspec.structs.replace(ORDER.content, text="新内容"))

    def revise(stored: Report) -> bool:
        calls.append(rotation.rewrap(100).done)  # between its loading and its writing
        return stored.revise(order, raw(order), vault=town.vault, at=AT, cause="intake/2")

    assert town.store.change(Report, "hotline_12345:GD1", revise)

    stored = Report.objects(id="hotline_12345:GD1").first()
    assert calls == [REPORTS + MISFITS, 0]
    assert (stored.key.master, stored.revision, stored.latest.content.text) == (fingerprint("new"), 1, "新内容")


def test_a_key_that_no_known_master_opens_is_left_and_counted(town: SimpleNamespace) -> None:
    town.secrets = {"master_key": "new"}

    progress = Rotation(town.store, town.vault).rewrap(100)

    assert (progress.done, progress.left) == (0, REPORTS + MISFITS)
    with pytest.raises(InvalidInput):
        Rotation(town.store, town.vault).rewrap(0)


def test_everything_with_a_wrapped_key_is_rotated(town: SimpleNamespace) -> None:
    keys = {name for name in town.db.list_collection_names() if town.db[name].find_one({"key.master": {"$ne": None}})}

    assert keys == {kind._get_collection().name for kind in SEALED}


def test_who_may_reads_in_clear_and_is_recorded(town: SimpleNamespace) -> None:
    shown = town.accesses.unmask("HZ-1", DESK, "核对来电号码13800000000", "request/1")

    assert shown.versions[0].personal == {"来电人": "李女士", "号码": "13800000000"}
    assert msgspec.json.decode(shown.versions[0].raw)["工单编号"] == "GD1"
    (read,) = town.accesses.reads("HZ-1", OFFICE)
    assert (read.access_id, read.name, read.outcome) == (shown.access_id, "钱七", "shown")
    assert read.purpose == "核对来电号码138****0000"


def test_who_may_not_is_refused_and_recorded(town: SimpleNamespace) -> None:
    town.store.insert(case(number="GD1"))
    elsewhere = DESK | {"unit": "5301/530103"}

    for officer, kind in ((STREET_OFFICER, Forbidden), (elsewhere, Forbidden)):
        with pytest.raises(kind):
            town.accesses.unmask("HZ-1", officer, "核对", "request/1")
    with pytest.raises(NotFound):
        town.accesses.unmask("HZ-none", DESK, "核对", "request/1")

    assert [(one.name, one.outcome) for one in town.accesses.reads("HZ-1", OFFICE)] == [
        ("孙八", "refused"),
        ("钱七", "refused"),
    ]
    assert [one.outcome for one in town.accesses.reads("HZ-none", OFFICE)] == ["not_found"]
    with pytest.raises(Forbidden):
        town.accesses.reads("HZ-1", DESK)


@pytest.mark.parametrize("purpose", ["", "  ", None, 3, "看" * 201])
def test_without_a_purpose_nothing_is_shown(town: SimpleNamespace, purpose: Any) -> None:
    with pytest.raises(InvalidInput, match="purpose"):
        town.accesses.unmask("HZ-1", DESK, purpose, "request/1")


def test_what_cannot_be_recorded_is_not_shown(town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[datetime] = []
    monkeypatch.setattr(Vault, "open", lambda *_: opened.append(AT))

    def refuse(_: object) -> bool:
        raise ServerSelectionTimeoutError("no majority")

    monkeypatch.setattr(town.store, "insert", refuse)
    with pytest.raises(ServerSelectionTimeoutError):
        town.accesses.unmask("HZ-1", DESK, "核对", "request/1")
    assert opened == []


def test_the_record_is_there_before_the_report_is_opened(
    town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[int] = []
    monkeypatch.setattr(Vault, "open", lambda *_: recorded.append(Access.objects(receipt="HZ-1").count()) or b"{}")

    town.accesses.unmask("HZ-1", OFFICE, "依法查询", "request/1")

    assert recorded == [1, 1]


def test_a_report_under_a_master_key_that_is_gone_says_so(town: SimpleNamespace) -> None:
    town.secrets = {"master_key": "new"}

    with pytest.raises(Refused, match="another master key"):
        town.accesses.unmask("HZ-1", OFFICE, "依法查询", "request/1")
