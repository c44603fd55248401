"""Who sees and uploads materials, what a ticket is good for, and under which names files are kept."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, Refused, Unauthenticated, Unavailable
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskStatus
from services.tasks.materials import sight
from services.tasks.materials.kinds import kinds
from services.tasks.materials.names import LONGEST, clean_name, content_disposition
from services.tasks.materials.sight import Concern, may_see, require_sight, require_upload
from services.tasks.materials.tickets import SECONDS, Fetch, Tickets, Upload
from services.tasks.rights import Duty

WUHUA, PANLONG = "5301/530102", "5301/530103"
STREET, OTHER_STREET, ASSISTING = "5301/530102/530102001", "5301/530102/530102002", "5301/530103/530103001"
POLICE, PARKS = "5301/~psb", "5301/~cgj"
DUTY = Duty(STREET, WUHUA)
OF_A_CASE = Concern(DUTY, STREET, TaskSource.CASE, (ASSISTING,))
OF_A_PLAN = OF_A_CASE._replace(source=TaskSource.PLAN)
OF_POLICE = Concern(Duty(POLICE, "5301/~office"), STREET, TaskSource.CASE)


def officer(role: Role, unit: str) -> Officer:
    return Officer(role, unit, "张三")


@pytest.mark.parametrize(
    ("role", "unit", "case", "plan", "police"),
    [
        (Role.CITY_OFFICE, "5301/~office", True, True, True),
        (Role.STREET, STREET, True, True, True),
        (Role.STREET, OTHER_STREET, False, False, False),
        (Role.STREET, ASSISTING, True, True, False),
        (Role.DISTRICT, WUHUA, True, True, True),
        (Role.DISTRICT, PANLONG, True, True, False),
        (Role.DEPARTMENT, POLICE, False, False, True),
        (Role.DEPARTMENT, PARKS, False, False, False),
        (Role.HOTLINE_DESK, "5301", True, False, True),
        (Role.HOTLINE_DESK, PANLONG, False, False, False),
        (Role.OPERATOR, "5301", False, False, False),
    ],
)
def test_materials_are_seen_by_whom_the_task_concerns(
    role: Role, unit: str, case: bool, plan: bool, police: bool
) -> None:
    seen = [may_see(officer(role, unit), concern) for concern in (OF_A_CASE, OF_A_PLAN, OF_POLICE)]
    assert seen == [case, plan, police]


def test_every_role_has_its_row() -> None:
    assert set(sight.rights()) == set(Role)


def test_who_may_not_see_is_told_whose_task_it_is() -> None:
    with pytest.raises(Forbidden) as caught:
        require_sight(officer(Role.STREET, OTHER_STREET), OF_A_CASE)
    assert caught.value.extra == {"unit": STREET}


@pytest.mark.parametrize(
    ("role", "unit", "may"),
    [
        (Role.STREET, STREET, True),
        (Role.DISTRICT, WUHUA, True),
        (Role.CITY_OFFICE, "5301/~office", True),
        (Role.STREET, ASSISTING, False),
        (Role.DISTRICT, PANLONG, False),
        (Role.HOTLINE_DESK, "5301", False),
        (Role.OPERATOR, "5301", False),
    ],
)
def test_who_works_on_a_task_uploads_to_it(role: Role, unit: str, may: bool) -> None:
    if may:
        require_upload(officer(role, unit), DUTY, TaskStatus.ACCEPTED)
        return
    with pytest.raises(Forbidden):
        require_upload(officer(role, unit), DUTY, TaskStatus.ACCEPTED)


@pytest.mark.parametrize("status", sorted(TaskStatus))
def test_what_has_ended_takes_no_more(status: TaskStatus) -> None:
    if status in OPEN_STATUSES:
        require_upload(officer(Role.STREET, STREET), DUTY, status)
        return
    with pytest.raises(Refused) as caught:
        require_upload(officer(Role.STREET, STREET), DUTY, status)
    assert caught.value.extra == {"task_status": status}


class Wall:
    """A clock that stands."""

    now = 1_772_000_000.0

    def __call__(self) -> float:
        return self.now


UPLOAD = Upload("case-1", "现场.jpg", 1000, False, officer(Role.STREET, STREET), "r/1")
FETCH = Fetch("m1", officer(Role.STREET, STREET))


def tickets(secrets: dict[str, str] | None = None) -> tuple[Tickets, Wall]:
    wall = Wall()
    return Tickets(lambda: {"ticket_key": "one"} if secrets is None else secrets, wall), wall


def test_a_ticket_says_what_was_allowed_to_whom_for_ten_minutes() -> None:
    desk, wall = tickets()
    ticket, end = desk.issue(UPLOAD)
    assert end == wall.now + 600
    assert desk.read(ticket, Upload) == UPLOAD
    wall.now += SECONDS
    assert desk.read(ticket, Upload) == UPLOAD
    wall.now += 1
    with pytest.raises(Unauthenticated) as caught:
        desk.read(ticket, Upload)
    assert caught.value.field == "ticket"


def test_a_ticket_is_for_one_thing() -> None:
    desk, _ = tickets()
    for what, other in ((UPLOAD, Fetch), (FETCH, Upload)):
        with pytest.raises(Unauthenticated):
            desk.read(desk.issue(what)[0], other)  # type: ignore[type-var]


@pytest.mark.parametrize("change", [{"task_id": "case-2"}, {"size": 10**9}, {"attach": True}, {"name": "x"}])
def test_a_ticket_that_was_changed_is_none(change: dict[str, Any]) -> None:
    desk, _ = tickets()
    words, issued, signature = desk.issue(UPLOAD)[0].split(".")
    said = msgspec.json.decode(base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))) | change
    forged = base64.urlsafe_b64encode(msgspec.json.encode(said)).decode().rstrip("=")
    for ticket in (f"{forged}.{issued}.{signature}", f"{words}.{int(issued) + 1}.{signature}"):
        with pytest.raises(Unauthenticated):
            desk.read(ticket, Upload)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: base64.urlsafe_b64encode(b).decode() + ".1.a"))
@example("..")
@example("e30.1772000000." + "0" * 64)
@example("x" * 5000)
def test_no_other_text_is_a_ticket(text: str) -> None:
    with pytest.raises(Unauthenticated):
        tickets()[0].read(text, Upload)


def test_a_ticket_outlives_the_change_of_its_secret_and_needs_one() -> None:
    ticket = tickets()[0].issue(FETCH)[0]
    rotated = {"ticket_key": "two", "ticket_key.previous": "one", "ticket_key.previous_until": "1772000600"}
    assert tickets(rotated)[0].read(ticket, Fetch) == FETCH
    with pytest.raises(Unauthenticated):
        tickets({"ticket_key": "two"})[0].read(ticket, Fetch)
    with pytest.raises(Unavailable):
        tickets({})[0].issue(FETCH)
    with pytest.raises(Unauthenticated):
        tickets({})[0].read(ticket, Fetch)


JPEG, DOCX = kinds()["jpeg"], kinds()["docx"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("现场照片.JPG", "现场照片.jpg"),
        ("a.jpeg", "a.jpeg"),
        ("setup.exe", "setup.exe.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\张三\\整改 前.jpg", "整改 前.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("", "材料.jpg"),
        ("...", "材料.jpg"),
        ("照片\u202egpj.exe", "照片 gpj.exe.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie_ x.jpg"),
        ("é".encode().decode() + ".jpg", "é.jpg"),
        ("长" * 300 + ".jpg", "长" * 100 + ".jpg"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(given: str, kept: str) -> None:
    assert clean_name(given, JPEG) == kept


@given(st.text(max_size=400), st.sampled_from([JPEG, DOCX]))
def test_every_name_becomes_a_harmless_one_of_its_kind_and_stays_so(given: str, kind: Any) -> None:
    name = clean_name(given, kind)
    stem, _, ending = name.rpartition(".")
    assert ending in kind.extensions
    assert 0 < len(stem) <= LONGEST
    assert not set(name) & set('\\/:*?"<>|\r\n\t\0;%')
    assert not name.startswith(".")
    assert clean_name(name, kind) == name
    header = content_disposition(name, inline=False)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_a_chinese_name_is_told_in_full_and_in_ascii() -> None:
    assert content_disposition("现场 1.jpg", inline=True) == (
        "inline; filename=\"__ 1.jpg\"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%201.jpg"
    )
