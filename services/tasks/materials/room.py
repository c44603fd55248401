"""The room of materials: tickets for officers, uploads and downloads for who holds one, and the sweeping up."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, NotFound, TooLarge, Unavailable
from services.tasks.command_room import duty_of
from services.tasks.contracts import DownloadTicket, MaterialView, TaskStatus, UploadTicket
from services.tasks.materials import sight
from services.tasks.materials.attaching import attach
from services.tasks.materials.kinds import MEGABYTE, largest
from services.tasks.materials.loose import LooseBytes
from services.tasks.materials.material import Material, material_id
from services.tasks.materials.names import clean_name
from services.tasks.materials.receiving import Received, receive, sha256_of
from services.tasks.materials.shelf import GridShelf
from services.tasks.materials.tickets import Fetch, Tickets, Upload
from services.tasks.materials.workshop import Cleaned, Workshop
from services.tasks.rights import acting_unit
from services.tasks.task import Task
from services.tasks.task_record import MOST_MATERIALS

UNATTACHED_FOR = timedelta(days=1)
MOST_BYTES = 500 * MEGABYTE  # of one task
LONGEST_NAME = 255
RELEASED = [TaskStatus.WITHDRAWN.value, TaskStatus.RETURNED.value]  # an assisting unit whose part is so
SWEPT = 100  # materials, and keys, in one sweep
By = dict[str, Any]


class Opened(NamedTuple):
    """A file to be sent: `file` stands at its beginning."""

    material: Material
    file: IO[bytes]
    thumbnail: bool


class Materials:
    """Keeps the materials of tasks. `url` is where people reach the service; `wall` gives unix seconds."""

    def __init__(
        self,
        store: Store,
        database: Database[dict[str, Any]],
        clock: Clock,
        tickets: Tickets,
        url: str,
        wall: Callable[[], float] = time.time,
        workshop: Workshop | None = None,
    ) -> None:
        self._store, self._clock, self._tickets, self._url, self._wall = store, clock, tickets, url, wall
        self.shelf, self._workshop = GridShelf(database), workshop or Workshop()
        self._turns = database["material_turns"]
        self.loose = LooseBytes(database, self.shelf)

    # --- for officers -------------------------------------------------------------------------------------------------

    def upload_ticket(self, task_id: str, name: str, size: int, by: By, cause: str, attach: bool) -> UploadTicket:
        """Raises InvalidInput, NotFound, Forbidden, Refused (the task has ended), TooLarge."""
        officer = Officer.from_json(by)
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            raise InvalidInput(f"name must have 1 to {LONGEST_NAME} characters", "文件名过长或为空", field="name")
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise InvalidInput("size must be the bytes of the file", "文件大小应为字节数", field="size")
        if size > largest():
            raise TooLarge(f"at most {largest()} bytes", f"文件不得超过{largest() // MEGABYTE}MB", field="size")
        task = _task(task_id)
        sight.require_upload(officer, duty_of(task), task.status)
        _check_room(task_id, size)
        ticket, end = self._tickets.issue(Upload(task_id, name, size, bool(attach), officer, cause))
        return UploadTicket(url=f"{self._url}/materials?ticket={ticket}", expires_at=_moment(end))

    def download_ticket(self, material_id: str, by: By) -> DownloadTicket:
        """Raises NotFound, Forbidden."""
        officer, material = Officer.from_json(by), _material(material_id)
        sight.require_sight(officer, concern_of(_task(material.task_id)))
        ticket, end = self._tickets.issue(Fetch(material.pk, officer))
        here = f"{self._url}/materials/{material.pk}"
        small = f"{here}/thumbnail?ticket={ticket}" if material.thumbnail_key else None
        url = f"{here}?ticket={ticket}"
        return DownloadTicket(url=url, thumbnail_url=small, expires_at=_moment(end), material=material.view())

    def of_task(self, task_id: str, by: By) -> list[MaterialView]:
        """The materials of a task, the oldest first. Raises NotFound, Forbidden."""
        sight.require_sight(Officer.from_json(by), concern_of(_task(task_id)))
        found = Material.objects(task_id=task_id).order_by("uploaded_at").limit(2 * MOST_MATERIALS)
        return [one.view() for one in found]

    # --- for who holds a ticket ---------------------------------------------------------------------------------------

    def read_upload(self, ticket: str) -> Upload:
        """What the ticket allows to upload. Raises Unauthenticated."""
        return self._tickets.read(ticket, Upload)

    def take(self, upload: Upload, pieces: Iterable[bytes]) -> tuple[MaterialView, bool]:
        """Take in the file that comes; its material, and whether it is new. Nothing is kept of what is refused."""
        task = _task(upload.task_id)
        sight.require_upload(upload.by, duty_of(task), task.status)
        with TemporaryDirectory(prefix="material-") as directory:
            given = receive(pieces, upload.size, Path(directory) / "given")
            known = Material.objects(pk=material_id(upload.task_id, given.sha256)).first()
            if known is not None:
                return self._again(known, upload), False
            return self._keep(upload, given, self._workshop.clean(given.kind, given.path))

    def open(self, ticket: str, id: str, *, thumbnail: bool) -> Opened:
        """The file of the material, or its thumbnail. Raises Unauthenticated, NotFound."""
        if self._tickets.read(ticket, Fetch).material_id != id:
            raise NotFound("the ticket is for another material", "凭证不适用于该材料", field="ticket")
        material = _material(id)
        key = material.thumbnail_key if thumbnail else material.bytes_key
        if key is None:
            raise NotFound("this material has no thumbnail", "该材料没有缩略图")
        return Opened(material, self.shelf.open(key), thumbnail)

    # --- by itself ----------------------------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Remove what nobody attached within its day and what a crash left; how much it was."""
        now = self._now()
        over = Material._get_collection().find({"remove_after": {"$lt": now}}, {"_id": 1}).limit(SWEPT)
        forgotten = sum(self._forget(one["_id"], now) for one in over)
        return forgotten + self.loose.remove(now, SWEPT)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _keep(self, upload: Upload, given: Received, cleaned: Cleaned) -> tuple[MaterialView, bool]:
        """Write the bytes, noted as loose until the material that has them is written."""
        paths = [cleaned.path, *([cleaned.thumbnail] if cleaned.thumbnail else [])]
        keys = [str(ObjectId()) for _ in paths]
        self.loose.note(keys, self._now())
        for key, path in zip(keys, paths, strict=True):
            with path.open("rb") as file:
                self.shelf.put(key, file)
        material = self._material(upload, given, cleaned, keys)
        new = self._store.in_transaction(lambda session: self._enter(material, upload, keys, session))
        if not new:
            self.loose.discard(keys)
        return _material(material.pk).view(), new

    def _material(self, upload: Upload, given: Received, cleaned: Cleaned, keys: list[str]) -> Material:
        return Material(
            id=material_id(upload.task_id, given.sha256),
            task_id=upload.task_id,
            name=clean_name(upload.name, given.kind),
            kind=given.kind.name,
            size=cleaned.path.stat().st_size,
            digest=sha256_of(cleaned.path),
            bytes_key=keys[0],
            thumbnail_key=keys[1] if len(keys) > 1 else None,
            width=cleaned.facts.get("width"),
            height=cleaned.facts.get("height"),
            uploaded_at=self._clock.now(),
            by=upload.by.name,
            by_unit=acting_unit(upload.by),
            remove_after=self._now() + UNATTACHED_FOR,
        )

    def _enter(self, material: Material, upload: Upload, keys: list[str], session: ClientSession) -> bool:
        """In a transaction: the material is there and its bytes belong to it. False where another one was faster."""
        self._turns.update_one({"_id": material.task_id}, {"$inc": {"turns": 1}}, upsert=True, session=session)
        known = Material._get_collection().find_one({"_id": material.pk}, {"bytes_key": 1}, session=session)
        if known is not None:
            return bool(known["bytes_key"] == keys[0])
        _check_room(material.task_id, material.size, session)
        if not self.loose.claim(keys, session):
            raise Unavailable("the upload took too long; send it again", "上传超时，请重新上传")
        self._store.insert(material, session=session)
        if upload.attach:
            self._attach(material.pk, upload, session)
        return True

    def _again(self, known: Material, upload: Upload) -> MaterialView:
        """The same bytes once more: they are kept once; attached where that is asked for now."""
        if upload.attach and not known.attached:
            self._store.in_transaction(lambda session: self._attach(known.pk, upload, session))
        return _material(known.pk).view()

    def _attach(self, id: str, upload: Upload, session: ClientSession) -> None:
        names, at = attach(upload.task_id, [id], session), self._clock.now()

        def add(task: Task) -> None:
            sight.require_upload(upload.by, duty_of(task), task.status)
            unit = acting_unit(upload.by)
            task.add_materials(upload.by.name, [id], names, at, upload.cause, by_unit=unit)

        self._store.change(Task, upload.task_id, add, session=session)

    def _forget(self, id: str, now: datetime) -> int:
        """Remove a material whose day is over; its bytes are loose from then on, and an hour later gone."""

        def work(session: ClientSession) -> int:
            known = Material._get_collection()
            found = known.find_one_and_delete({"_id": id, "remove_after": {"$lt": now}}, session=session)
            keys = [found[name] for name in ("bytes_key", "thumbnail_key") if found.get(name)] if found else []
            if keys:
                self.loose.note(keys, now, session)
            return len(keys) and 1

        return self._store.in_transaction(work)

    def _now(self) -> datetime:
        return _moment(self._wall())


def concern_of(task: Task) -> sight.Concern:
    """Whom the task concerns. Who was released from assisting, or gave it back, is not among them: what it handed in
    belongs to its own part."""
    query = {"lead_task_id": task.pk, "status": {"$nin": RELEASED}}
    assists = Task._get_collection().find(query, {"responsible_unit": 1})
    units = tuple(one["responsible_unit"] for one in assists)
    return sight.Concern(duty_of(task), task.place_path, task.source, units)


def _check_room(task_id: str, size: int, session: ClientSession | None = None) -> None:
    """Raises TooLarge where the task has no room for another file of that size."""
    known = Material._get_collection().find({"task_id": task_id}, {"size": 1}, session=session)
    sizes = [one["size"] for one in known]
    if len(sizes) >= MOST_MATERIALS:
        detail_zh = f"每个任务的材料不得超过{MOST_MATERIALS}份"
        raise TooLarge(f"at most {MOST_MATERIALS} materials", detail_zh, field="task_id")
    if sum(sizes) + size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        raise TooLarge(f"at most {most} MB for a task", f"每个任务的材料合计不得超过{most}MB", field="size")


def _task(task_id: str) -> Task:
    found = Task.objects(pk=str(task_id)).exclude("outbox", "history").first()
    if found is None:
        raise NotFound(f"there is no task {task_id}", f"没有编号为{task_id}的任务", field="task_id")
    return found


def _material(id: str) -> Material:
    found = Material.objects(pk=str(id)).first()
    if found is None:
        raise NotFound(f"there is no material {id}", f"没有编号为{id}的材料", field="material_id")
    return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
