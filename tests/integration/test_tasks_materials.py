"""Materials on a real database: kept once, shown, attached with what is reported, removed where nobody wants them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st
from mongoengine.connection import get_db
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from infra import web
from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused, TooLarge, Unauthenticated
from services.tasks.contracts import MaterialView, TaskRole, TaskStatus
from services.tasks.materials import answers, room
from services.tasks.materials.attaching import attach
from services.tasks.materials.cleaning import clean
from services.tasks.materials.material import Material
from services.tasks.materials.room import Materials
from services.tasks.materials.tickets import Tickets, Upload
from services.tasks.materials.workshop import Workshop
from services.tasks.task import Task
from tests.integration.one_service import connected, own_settings
from tests.unit.material_files import EXE, photo
from tests.unit.tasks_made import MONDAY_NINE, STREET, case_task, plan_task

OFFICER = {"role": "street", "unit": STREET, "name": "张三"}
DISTRICT = {"role": "district", "unit": "5301/530102", "name": "李四"}
NEIGHBOUR = {"role": "street", "unit": "5301/530102/530102002", "name": "吴十"}
PHOTO = photo((64, 48))


class Here(Workshop):
    """Cleans in this process: that it does so in one of its own is tested elsewhere."""

    def open(self, kind: str, source: Path, target: Path, thumbnail: Path) -> dict[str, int]:
        """See Workshop."""
        return clean(kind, source, target, thumbnail)


class Room:
    """The room of materials with one accepted task."""

    now = 1_772_000_000.0

    def __init__(self) -> None:
        self.store, self.db = Store(None, service="tasks"), get_db("tasks")
        tickets = Tickets(lambda: {"ticket_key": "secret"}, lambda: self.now)
        self.materials = Materials(
            self.store, self.db, FixedClock(MONDAY_NINE), tickets, "http://t", lambda: self.now, Here()
        )
        task = case_task()
        task.accept("张三", MONDAY_NINE, "r")
        self.store.insert(task)
        self.task_id = task.pk

    def put(self, content: bytes = PHOTO, name: str = "现场.jpg", *, attach: bool = False) -> tuple[MaterialView, bool]:
        url = self.materials.upload_ticket(self.task_id, name, len(content), OFFICER, "r/1", attach).url
        return self.materials.take(self.materials.read_upload(ticket_in(url)), [content[:100], content[100:]])

    def task(self) -> Task:
        return Task.objects(pk=self.task_id).first()

    def counts(self) -> dict[str, int]:
        names = {"materials": "materials", "files": "material_bytes.files", "loose": "material_loose_bytes"}
        found = {short: self.db[name].count_documents({}) for short, name in names.items()}
        return found | {"chunks": len(self.db["material_bytes.chunks"].distinct("files_id"))}

    def later(self, **time: float) -> int:
        self.now += timedelta(**time).total_seconds()
        return self.materials.sweep()


def ticket_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["ticket"][0]


@pytest.fixture(scope="module")
def database(mongodb_url: str) -> Iterator[None]:
    with connected(own_settings(), "tasks", []):
        yield


@pytest.fixture
def here(database: None) -> Room:
    for name in get_db("tasks").list_collection_names():
        get_db("tasks")[name].delete_many({})
    return Room()


def asked(here: Room, id: str, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> Response:
    small = "/thumbnail?" in url
    request = Request(EnvironBuilder(method=method, path=urlsplit(url).path, headers=headers).get_environ())
    return answers.file(request, here.materials.open(ticket_in(url), id, thumbnail=small))


def test_the_same_bytes_are_kept_once_and_come_back_clean(here: Room) -> None:
    first, new = here.put()
    again, known = here.put(name="另一个名字.jpg")
    assert (new, known, again) == (True, False, first)
    assert (first.name, first.by, first.by_unit, first.attached) == ("现场.jpg", "张三", STREET, False)
    assert (first.width, first.height, first.has_thumbnail) == (64, 48, True)
    assert here.counts() == {"materials": 1, "files": 2, "loose": 0, "chunks": 2}
    ticket = here.materials.download_ticket(first.material_id, DISTRICT)
    answer = asked(here, first.material_id, ticket.url)
    content = answer.get_data()
    assert (len(content), b"SECRETCAM" in content, content[:3]) == (first.size, False, b"\xff\xd8\xff")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''%E7%8E%B0%E5%9C%BA.jpg")
    assert ticket.thumbnail_url is not None
    assert asked(here, first.material_id, ticket.thumbnail_url).get_data()[:3] == b"\xff\xd8\xff"


def test_a_part_is_sent_where_a_part_is_asked_for_and_nothing_where_nothing_changed(here: Room) -> None:
    view, _ = here.put()
    url = here.materials.download_ticket(view.material_id, OFFICER).url
    whole = asked(here, view.material_id, url)
    part = asked(here, view.material_id, url, {"Range": "bytes=10-19"})
    assert (part.status_code, part.get_data()) == (206, whole.get_data()[10:20])
    same = asked(here, view.material_id, url, {"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, same.get_data()) == (304, b"")
    head = asked(here, view.material_id, url, method="HEAD")
    assert (head.headers["Content-Length"], head.get_data()) == (str(view.size), b"")
    with pytest.raises(answers.BadRange):
        asked(here, view.material_id, url, {"Range": "bytes=99999999-"})


def test_a_ticket_opens_one_material_within_its_time(here: Room) -> None:
    one, other = here.put()[0].material_id, here.put(photo((32, 32)))[0].material_id
    ticket = ticket_in(here.materials.download_ticket(one, OFFICER).url)
    with pytest.raises(NotFound):
        here.materials.open(ticket, other, thumbnail=False)
    with pytest.raises(Forbidden):
        here.materials.download_ticket(one, NEIGHBOUR)
    with pytest.raises(Forbidden):
        here.materials.of_task(here.task_id, NEIGHBOUR)
    assert {view.material_id for view in here.materials.of_task(here.task_id, DISTRICT)} == {one, other}
    here.now += 601
    with pytest.raises(Unauthenticated):
        here.materials.open(ticket, one, thumbnail=False)


def test_what_is_refused_leaves_nothing(here: Room) -> None:
    with pytest.raises(InvalidInput):
        here.put(EXE)
    with pytest.raises(Forbidden):
        here.materials.upload_ticket(here.task_id, "a.jpg", 10, NEIGHBOUR, "r", False)
    with pytest.raises(TooLarge):
        here.materials.upload_ticket(here.task_id, "a.mp4", 100 * 1024**2 + 1, OFFICER, "r", False)
    with pytest.raises(InvalidInput):
        here.materials.take(Upload(here.task_id, "a.jpg", len(PHOTO) + 1, False, officer(), "r"), [PHOTO])
    assert here.counts() == {"materials": 0, "files": 0, "loose": 0, "chunks": 0}
    assert here.task().sequence == 2


def test_a_task_has_room_for_so_much(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    here.put()
    monkeypatch.setattr(room, "MOST_BYTES", 2_000)
    with pytest.raises(TooLarge) as caught:
        here.materials.upload_ticket(here.task_id, "a.jpg", 2_000, OFFICER, "r", False)
    assert caught.value.field == "size"
    monkeypatch.setattr(room, "MOST_MATERIALS", 1)
    with pytest.raises(TooLarge) as caught:
        here.materials.upload_ticket(here.task_id, "a.jpg", 1, OFFICER, "r", False)
    assert caught.value.field == "task_id"


def test_attached_at_once_it_stands_in_the_history_and_stays(here: Room) -> None:
    view, _ = here.put(attach=True)
    task = here.task()
    assert (view.attached, view.removed_after, task.materials) == (True, None, [view.material_id])
    step = task.history[-1]
    assert (step["what"], step["by"], step["by_unit"], step["note"]) == ("materials_added", "张三", STREET, "现场.jpg")
    assert here.later(days=400) == 0
    assert here.counts()["files"] == 2


def test_what_nobody_attaches_is_gone_after_a_day_and_its_bytes_an_hour_later(here: Room) -> None:
    here.put()
    assert here.later(hours=23.9) == 0
    assert here.later(hours=0.2) == 1
    assert here.counts() == {"materials": 0, "files": 2, "loose": 2, "chunks": 2}
    assert here.later(hours=1.1) == 2
    assert here.counts() == {"materials": 0, "files": 0, "loose": 0, "chunks": 0}


def test_what_a_crash_leaves_is_found_and_removed(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(here.store, "in_transaction", killed)
    with pytest.raises(Killed):
        here.put()
    monkeypatch.undo()
    here.db["material_bytes.files"].delete_many({})  # as if the second file had been cut off before its end
    assert here.counts() == {"materials": 0, "files": 0, "loose": 2, "chunks": 2}
    assert here.later(hours=1.1) == 2
    assert here.counts() == {"materials": 0, "files": 0, "loose": 0, "chunks": 0}
    assert here.put()[1]


def test_bytes_that_a_material_has_are_never_swept(here: Room) -> None:
    view, _ = here.put()
    key = Material.objects(pk=view.material_id).first().bytes_key
    assert here.materials.loose.discard([key]) == 0
    assert here.materials.shelf.exists(key)
    assert not here.materials.shelf.exists(str(ObjectId()))


def test_a_task_that_has_ended_takes_no_more_and_keeps_what_it_has(here: Room) -> None:
    view, _ = here.put(attach=True)
    content = photo((48, 48))
    url = here.materials.upload_ticket(here.task_id, "late.jpg", len(content), OFFICER, "r", True).url
    here.store.change(Task, here.task_id, lambda task: task.withdraw("系统", "案件作废", MONDAY_NINE, "c"))
    with pytest.raises(Refused):
        here.materials.take(here.materials.read_upload(ticket_in(url)), [content])
    with pytest.raises(Refused):
        here.put()
    assert here.task().status == TaskStatus.WITHDRAWN
    assert here.task().materials == [view.material_id]
    assert here.later(days=3) == 0


def test_who_was_released_from_assisting_sees_only_what_it_handed_in_itself(here: Room) -> None:
    view, _ = here.put(attach=True)
    lead = here.task()
    facts = {
        "id": "c1-1.1",
        "role": TaskRole.ASSIST,
        "lead_task_id": lead.pk,
        "lineage": [lead.pk],
        "answers_to": STREET,
    }
    here.store.insert(plan_task(**facts, responsible_unit=NEIGHBOUR["unit"], place_path=STREET))
    ticket = here.materials.upload_ticket("c1-1.1", "协办.jpg", len(PHOTO), NEIGHBOUR, "r/2", True)
    own, _ = here.materials.take(here.materials.read_upload(ticket_in(ticket.url)), [PHOTO])
    assert [one.material_id for one in here.materials.of_task(lead.pk, NEIGHBOUR)] == [view.material_id]
    here.store.change(Task, "c1-1.1", lambda part: part.withdraw("张三", "不再需要", MONDAY_NINE, "r/3"))
    for asked in (
        lambda: here.materials.of_task(lead.pk, NEIGHBOUR),
        lambda: here.materials.download_ticket(view.material_id, NEIGHBOUR),
    ):
        with pytest.raises(Forbidden) as caught:
            asked()
        assert caught.value.extra == {"unit": STREET}
    assert [one.material_id for one in here.materials.of_task("c1-1.1", NEIGHBOUR)] == [own.material_id]
    assert here.materials.download_ticket(own.material_id, NEIGHBOUR).material == own
    with pytest.raises(Refused):
        here.materials.upload_ticket("c1-1.1", "再传.jpg", 1, NEIGHBOUR, "r/4", True)


def test_only_what_was_uploaded_to_the_task_can_be_named(here: Room) -> None:
    view, _ = here.put()

    def name(ids: list[str]) -> Any:
        return here.store.in_transaction(lambda session: attach(here.task_id, ids, session))

    with pytest.raises(InvalidInput) as caught:
        name([view.material_id, "other"])
    assert caught.value.field == "materials"
    assert not Material.objects(pk=view.material_id).first().attached
    assert name([view.material_id]) == ["现场.jpg"]
    assert Material.objects(pk=view.material_id).first().remove_after is None


def officer() -> Officer:
    return Officer.from_json(OFFICER)


HEADERS = st.dictionaries(
    st.sampled_from(["Range", "If-None-Match", "If-Range", "If-Modified-Since", "Content-Type", "Content-Encoding"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)


@settings(max_examples=60, deadline=None)
@given(headers=HEADERS, body=st.binary(max_size=300), announced=st.none() | st.integers(0, 400))
def test_no_header_does_more_than_be_refused(headers: dict[str, str], body: bytes, announced: int | None) -> None:
    environ = EnvironBuilder(method="PUT", path="/materials", headers=headers, data=body).get_environ()
    if announced is not None:
        environ["CONTENT_LENGTH"] = str(announced)
    try:
        came = b"".join(web.stream(Request(environ), 200))
    except Problem as refused:
        came = b""
        assert refused.status in (400, 413, 415)  # noqa: PT017
    assert body.startswith(came)
    assert len(came) <= 200
