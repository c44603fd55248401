"""Stores of a chosen size: copies of a real report, its case and its task by `insert_many`, with their counters.

What of them is open: under_way.py.
"""

import functools
import hashlib
import struct
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from bench.orders import order, streets
from bench.pushing import push_all
from bench.system import database
from bench.under_way import APART, Kind, Open
from infra.local.waiting import holds_within
from infra.organisation import unit_path
from infra.organisation.registry import Registry, UnitKind
from infra.tally import State, Tally
from services.complaints.case_counts import labels
from services.complaints.contracts import DeskKind, Urgency
from services.complaints.desk_items import desk_place
from services.tasks import urgency
from services.tasks.counters import counted
from services.tasks.task_states import ENDED
from services.tasks.task_views import state_of

BLOCK = 2_000

DESK = {"checking": DeskKind.CHECK, "closed": DeskKind.FOLLOW_UP}  # why cases in these states wait for the desk
OF_OPEN = frozenset({"is_open", "sketch", "bands", "names"})  # what finds the duplicates of open cases
BANDS = 16  # about as many as a case has

Document = dict[str, Any]


def seed_to(size: int, may_be_open: Open = Open.RECENT) -> None:
    """Fill up the stores until there are `size` cases, each with its report and task, spread over streets and states.

    Raises RuntimeError where there are more already.
    """
    report, case, task = template()
    there = database("complaints")["cases"].estimated_document_count()
    if there > size:
        raise RuntimeError(f"there are {there} cases already, {size} are wanted")
    with ThreadPoolExecutor() as pool:
        begun: list[Future[object]] = []
        for start in range(there, size, BLOCK):
            numbers = range(start, min(start + BLOCK, size))
            reports = [_report(report, number) for number in numbers]
            kinds = [may_be_open.kind_of(number) for number in numbers]
            cases = [_case(case, number, kind) for number, kind in zip(numbers, kinds, strict=True)]
            tasks = [_task(task, number, kind) for number, kind in zip(numbers, kinds, strict=True)]
            writes = _writes(reports, cases, tasks)
            wait_for(begun)  # the block before is written while this one is made
            begun = [pool.submit(write) for write in writes]
        wait_for(begun)


def _writes(reports: list[Document], cases: list[Document], tasks: list[Document]) -> list[Callable[[], object]]:
    """What stores a block and counts it."""
    of_cases, of_tasks = database("complaints"), database("tasks")
    return [
        functools.partial(of_cases["reports"].insert_many, reports, ordered=False),
        functools.partial(of_cases["cases"].insert_many, cases, ordered=False),
        functools.partial(of_tasks["tasks"].insert_many, tasks, ordered=False),
        functools.partial(Tally(of_cases, "case_counts").apply, [_case_state(one) for one in cases]),
        functools.partial(
            Tally(of_tasks, "task_tally").apply, [counted(state_of(one), one["sequence"]) for one in tasks]
        ),
    ]


def wait_for(begun: Iterable[Future[object]]) -> None:
    """Return when all have ended. Raises what one of them raised."""
    for one in begun:
        one.result()


def template() -> tuple[Document, Document, Document]:
    """One real report, its case and its task, as the services store them, counted, with empty outboxes."""
    one = order(0, "TEMPLATE")
    push_all([one], threads=1)
    cases, tasks = database("complaints")["cases"], database("tasks")["tasks"]
    ready = {"joined.report_id": f"hotline_12345:{one['工单编号']}", "status": "dispatched", "outbox": []}
    if not holds_within(60, lambda: cases.find_one(ready) is not None):
        raise RuntimeError("the template case was not dispatched within 60 s")
    case = cases.find_one(ready) or {}
    task = tasks.find_one({"case_id": case["_id"]}) or {}
    if not holds_within(60, lambda: _counted(case, task)):
        raise RuntimeError("the template case was not counted within 60 s")
    report = database("complaints")["reports"].find_one({"_id": case["joined"][0]["report_id"]}) or {}
    return report | {"outbox": []}, case, task | {"outbox": []}


def _counted(case: Document, task: Document) -> bool:
    """Whether the services have counted both as they are: nobody counts while the counters are made anew."""
    case_mark = database("complaints")["case_counts_marks"].find_one({"_id": f"case/{case['_id']}"}) or {}
    task_mark = database("tasks")["task_tally_marks"].find_one({"_id": task["_id"]}) or {}
    return (case_mark.get("sequence"), task_mark.get("sequence")) == (case["sequence"], task["sequence"])


def _report(template: Document, number: int) -> Document:
    fresh = {"_id": f"seed:{number}", "external_id": f"{number}", "receipt": f"SEED{number:08d}"}
    return {name: value for name, value in (template | fresh).items() if name != "outbox_since"}


def _case(template: Document, number: int, kind: Kind) -> Document:
    path = _path(number)
    joined = template["joined"][0] | {"report_id": f"seed:{number}", "receipt": f"SEED{number:08d}"}
    fresh = {
        "_id": hashlib.blake2b(b"case %d" % number, digest_size=12).hexdigest(),
        "number": f"SEED-{number:08d}",
        "status": kind.case,
        "joined": [joined],
        "words_key": f"seed {number}",
        "bands": list(struct.unpack(f"<{BANDS}q", hashlib.shake_128(b"bands %d" % number).digest(8 * BANDS))),
        "received_at": template["received_at"] - APART * number,
        "place_path": path,
        "inside_places": unit_path.ancestors(path),
        "responsible_unit": path,
        "inside_units": unit_path.ancestors(path),
    }
    desk = _on_desk(template, kind, number, str(fresh["_id"]))
    return {
        name: value for name, value in (template | fresh | desk).items() if name not in OF_OPEN or kind.case != "closed"
    }


def _on_desk(template: Document, kind: Kind, number: int, case_id: str) -> Document:
    """Its place in the queue of the desk: what is being checked, and what closed lately and is not yet followed up; and
    what a closed case has besides."""
    since = template["received_at"] - APART * number + timedelta(days=1)
    ended = {"closed_at": since, "retained_since": since} if kind.case == "closed" else {}
    if kind.case not in DESK or (kind.case == "closed" and not kind.follow_up):
        return ended
    why, key = desk_place({DESK[kind.case].value: since}, Urgency(template["urgency"]), case_id)
    return ended | {"desk": {why: since}, "desk_kind": why, "desk_key": key}


def _task(template: Document, number: int, kind: Kind) -> Document:
    path = _path(number)
    case = hashlib.blake2b(b"case %d" % number, digest_size=12).hexdigest()
    rank, last = urgency.rank(kind.task, overdue=False, due_soon=False), f"{template['order_key'][1:]}{number:08d}"
    fresh = {
        "_id": f"{case}-1",
        "case_id": case,
        "status": kind.task.value,
        "place_path": path,
        "inside_places": unit_path.ancestors(path),
        "responsible_unit": path,
        "inside_units": unit_path.ancestors(path),
        "order_key": f"{rank}{last}",
        "desk_key": urgency.on_desk(path, rank, last),
    }
    # A task that is not watched for its deadline: what becomes due is another measurement.
    left_out = {"watch_until", *(("desk_key",) if kind.task in ENDED else ())}
    return {name: value for name, value in (template | fresh).items() if name not in left_out}


@functools.cache
def _paths() -> tuple[str, ...]:
    paths = tuple(unit.path for unit in Registry.load("5301").all(kind=UnitKind.STREET))
    assert len(paths) == len(streets())
    return paths


def _path(number: int) -> str:
    return _paths()[number % len(_paths())]


def _case_state(case: Document) -> State:
    paths = {"place": case["place_path"], "unit": case["responsible_unit"]}
    return State(f"case/{case['_id']}", case["sequence"], paths, labels(case["status"], [case["joined"][0]["channel"]]))
