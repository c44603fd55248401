"""What a scan costs when 100 tasks become due, with 10⁴ and with 10⁶ watched tasks in the store.

The scanner of services/tasks runs in this process on a database of its own, without broker or services: measured is
`Scanner.scan` (finding what is due, the warnings of 50 tasks whose time is mostly gone and of 50 that are overdue,
their transaction with the events in the outboxes); publishing these events is the relay's work and not included. Every
task is watched, its next moment lies within the coming two months; in each round 100 of them, spread over the store,
come due. The aim: what a scan costs does not depend on what exists.
"""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo.database import Database

from bench.arena import private_database
from bench.measurement import Measurement
from infra import mongo
from infra.calendar import WorkingCalendar
from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.organisation.registry import Registry, UnitKind
from infra.settings import Settings
from services.tasks.contracts import SERVICE, TaskSource
from services.tasks.desk import open_desk
from services.tasks.plan import Plan
from services.tasks.scanner import Scanner
from services.tasks.supervision import Supervision
from services.tasks.task import Task

SIZES = {"10k": 10_000, "1m": 1_000_000}
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
AHEAD = timedelta(days=60)  # until then the moments of all tasks are spread
BLOCK, WRITERS = 5_000, 3
DUE, ROUNDS, WARM = 100, 15, 3

Document = dict[str, Any]


class Scan(NamedTuple):
    """How long a scan took, and how many index keys and documents the server examined meanwhile."""

    ms: float
    keys: int
    documents: int


def template() -> Document:
    """A task of a case as the service stores it, issued and published."""
    street = Registry.load("5301").all(kind=UnitKind.STREET)[0]
    facts = {
        "id": "template",
        "source": TaskSource.CASE,
        "title": "生活垃圾未及时清运",
        "case_id": "template",
        "case_number": "昆创案〔2026〕1号",
        "category": "sanitation.garbage",
        "responsible_unit": street.path,
        "place_path": street.path,
        "issued_at": NOW - timedelta(days=2),
        "deadline": NOW + AHEAD,
        "answer_by": NOW + timedelta(days=1),
        "routed_because": "属地街道",
    }
    document = dict(Task.issue(facts, by="系统", cause="bench").to_mongo())
    return {name: value for name, value in document.items() if name != "outbox_since"} | {"outbox": []}


def seed(db: Database[Document], size: int) -> None:
    """`size` tasks in an empty collection, the moments of their yellow cards spread over the time ahead; then the
    indexes."""
    task, step = template(), AHEAD / size

    def write(start: int) -> None:
        rows = [_copy(task, number, NOW + SECOND + step * number) for number in range(start, min(start + BLOCK, size))]
        db["tasks"].insert_many(rows, ordered=False)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(0, size, BLOCK)))
    mongo.ensure_indexes([Task, Plan, Supervision])


def _copy(task: Document, number: int, soon: datetime) -> Document:
    deadline = soon + timedelta(days=20)
    last = f"{deadline:%Y-%m-%dT%H:%M:%S.%f}{number:08d}"
    places = {
        "order_key": f"{task['order_key'][0]}{last}",
        "desk_key": f"{task['responsible_unit']}|{task['order_key'][0]}{last}",
    }
    moments = {"due_soon_at": soon, "watch_until": soon, "deadline": deadline}
    return task | {"_id": f"seed{number:08d}-1", "case_id": f"seed{number:08d}"} | places | moments


def come_due(db: Database[Document], size: int, turn: int) -> None:
    """Let 100 tasks come due that no other turn takes: of half of them most of the time is gone, of half all of it."""
    apart = size // DUE
    ids = [f"seed{place * apart + turn:08d}-1" for place in range(DUE)]
    soon: Document = {"due_soon_at": NOW - SECOND, "watch_until": NOW - SECOND}
    late = soon | {"deadline": NOW - SECOND / 2}
    db["tasks"].update_many({"_id": {"$in": ids[::2]}}, {"$set": soon})
    db["tasks"].update_many({"_id": {"$in": ids[1::2]}}, {"$set": late})


def scanned(db: Database[Document], scanner: Scanner) -> tuple[Scan, int]:
    """One scan, and how many cards it showed."""
    before, begun = _examined(db), time.perf_counter()
    said = scanner.scan()
    took = (time.perf_counter() - begun) * 1000
    keys, documents = (after - earlier for after, earlier in zip(_examined(db), before, strict=True))
    return Scan(took, keys, documents), sum(said.values())


def _examined(db: Database[Document]) -> tuple[int, int]:
    metrics = db.command("serverStatus")["metrics"]["queryExecutor"]
    return metrics["scanned"], metrics["scannedObjects"]


def measured(size: int, say: Callable[[str], None]) -> float:
    """The median of the rounds with `size` tasks, in milliseconds. Raises RuntimeError where cards were missed."""
    with private_database() as url:
        db = mongo.connect(Settings(amqp_url="", mongodb_url=url), SERVICE)
        try:
            begun = time.perf_counter()
            seed(db, size)
            say(f"{size} tasks stored and indexed in {time.perf_counter() - begun:.0f} s")
            return _rounds(db, size, say)
        finally:
            mongo.disconnect(SERVICE)


def _rounds(db: Database[Document], size: int, say: Callable[[str], None]) -> float:
    desk = open_desk(Store(None, service=SERVICE), Registry.load("5301"), FixedClock(NOW), WorkingCalendar())
    scans: list[Scan] = []
    for turn in range(WARM + ROUNDS):
        come_due(db, size, turn)
        scan, cards = scanned(db, desk.scanner)
        if cards != DUE + DUE // 2:  # what is overdue is warned of first
            raise RuntimeError(f"{cards} cards were shown in a round")
        scans.append(scan)
    idle, _ = scanned(db, desk.scanner)
    counted = scans[WARM:]
    median = Scan(*(statistics.median(column) for column in zip(*counted, strict=True)))
    say(f"a scan of {DUE} due: {median.ms:.1f} ms, {median.keys} keys and {median.documents} documents examined")
    say(f"slowest {max(one.ms for one in counted):.1f} ms; one with nothing due: {idle.ms:.1f} ms, {idle.keys} keys")
    return median.ms


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    found = {f"scanner_ms_100_of_{name}": measured(size, say) for name, size in SIZES.items()}
    return found | {"scanner_flat_1m_vs_10k": found["scanner_ms_100_of_1m"] / found["scanner_ms_100_of_10k"]}


NAMES = (*(f"scanner_ms_100_of_{name}" for name in SIZES), "scanner_flat_1m_vs_10k")
MEASUREMENTS = [Measurement("scanner", NAMES, run)]
