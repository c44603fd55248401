"""Reading a report in clear: by role, for a purpose, and recorded before anything is shown.

A record is only ever added. Where it cannot be written nothing is shown; who tries without the right is recorded too.
"""

import csv
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from bson import ObjectId
from mongoengine import DateTimeField, ObjectIdField, StringField

from infra.clock import Clock
from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, InvalidInput, NotFound, Problem, Refused
from services.complaints.case import Case
from services.complaints.contracts import SERVICE, Channel, UnmaskedRead, UnmaskedReport, UnmaskedVersion
from services.complaints.masking import masked
from services.complaints.privacy import CannotOpen, Vault, WrappedKey
from services.complaints.report import Report, Version

TABLE = Path(__file__).parent / "data" / "unmasking.csv"
LONGEST = 200  # characters of a purpose
MOST = 1000  # records shown
WORDS_READ = "查看市民评价补充意见"
SHOWN, REFUSED, NOT_FOUND = "shown", "refused", "not_found"


class Access(Aggregate):
    """Who read a report in clear, or tried to. Added, never changed."""

    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "accesses", "indexes": [("receipt", "at")]}
    noun = "access"

    id = ObjectIdField(primary_key=True)
    receipt = StringField(required=True)
    at = DateTimeField(required=True)
    role = StringField(required=True)
    unit = StringField(required=True)
    name = StringField(required=True)
    purpose = StringField(required=True)
    cause = StringField(required=True)
    outcome = StringField(required=True)


@functools.cache
def rights(path: Path = TABLE) -> dict[Role, bool]:
    """By role that may read a report in clear, whether also what came as it came (`raw`); see data/unmasking.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return {Role(row["role"]): row["raw"] == "yes" for row in csv.DictReader(file)}


class Accesses:
    """Reports in clear, and the record of who read them. `city` is the path of the city."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, city: str) -> None:
        self._store, self._vault, self._clock, self._city = store, vault, clock, city

    def unmask(self, receipt: str, by: dict[str, Any], purpose: str, cause: str) -> UnmaskedReport:
        """The report with this receipt in clear, for an officer who may, within their unit, and says what for.

        Raises InvalidInput (nothing is recorded, nobody was let near), Forbidden and NotFound (recorded), Refused where
        it was erased or does not open (recorded as shown).
        """
        officer, purpose = Officer.from_json(by), _purpose(purpose)
        receipt = str(receipt)[:40]
        report = Report.objects(receipt=receipt).exclude("outbox").first()
        refusal = self._refusal(officer, receipt, report)
        access = self._record(officer, receipt, purpose, cause, refusal)
        if refusal is not None or report is None:
            raise refusal or _unknown(receipt)
        return UnmaskedReport(
            receipt=receipt,
            channel=Channel(report.channel),
            external_id=report.external_id,
            versions=opened(report, self._vault, raw=rights()[officer.role]),
            access_id=access,
        )

    def reads(self, receipt: str, by: dict[str, Any]) -> list[UnmaskedRead]:
        """Every read and every try, the oldest first; of more than MOST the newest, so that nobody hides a read among
        many tries. Raises InvalidInput, Forbidden (the city's office may)."""
        if Officer.from_json(by).role != Role.CITY_OFFICE:
            raise Forbidden("only the city's office may see who read", "只有市总指挥部办公室可以查看访问记录")
        newest = Access.objects(receipt=receipt).order_by("-at", "-id").limit(MOST)
        return [_view(access) for access in reversed(newest)]

    def note_words_read(self, officer: Officer, receipts: Sequence[str]) -> None:
        """Record that the officer reads what citizens with these receipts added to their answers; before they do."""
        for receipt in receipts:
            self._record(officer, receipt, WORDS_READ, "citizen_answers", None)

    def _refusal(self, officer: Officer, receipt: str, report: Report | None) -> Problem | None:
        """Why this officer may not read it; who has not the role does not learn whether it exists."""
        if officer.role not in rights():
            return _forbidden(officer)
        if report is None:
            return _unknown(receipt)
        place = Case.objects(__raw__={"joined.report_id": report.id}).scalar("place_path").first() or self._city
        return None if officer.may_act_for(place) else _forbidden(officer)

    def _record(self, officer: Officer, receipt: str, purpose: str, cause: str, refusal: Problem | None) -> str:
        """Write who wants to read what; only what is safely written counts, whatever the caller does next."""
        outcome = {NotFound: NOT_FOUND, Forbidden: REFUSED}.get(type(refusal), SHOWN) if refusal else SHOWN
        access = Access(
            id=ObjectId(),
            receipt=receipt,
            at=self._clock.now(),
            role=officer.role.value,
            unit=officer.unit,
            name=officer.name,
            purpose=masked(purpose),
            cause=str(cause),
            outcome=outcome,
        )
        self._store.insert(access)
        return str(access.id)


def opened(report: Report, vault: Vault, *, raw: bool) -> list[UnmaskedVersion]:
    """Every version of `report` in clear. Raises Refused where it was erased or does not open."""
    if report.key is None:
        raise Refused(f"the personal data of {report.receipt} is erased", f"{report.receipt} 的个人信息已清除")
    try:
        return [_in_clear(report.id, report.key, version, vault, raw) for version in report.versions]
    except CannotOpen as error:
        raise Refused(str(error), f"{report.receipt} 无法用现有主密钥打开") from error


def _in_clear(about: str, key: WrappedKey, version: Version, vault: Vault, raw: bool) -> UnmaskedVersion:
    came = vault.open(about, key, version.sealed_raw).decode("utf-8", "backslashreplace") if raw else None
    personal = msgspec.json.decode(vault.open(about, key, version.sealed_personal), type=dict[str, str])
    return UnmaskedVersion(received_at=version.received_at, personal=personal, raw=came)


def _purpose(purpose: str) -> str:
    said = purpose.strip() if isinstance(purpose, str) else ""
    if not 2 <= len(said) <= LONGEST:
        raise InvalidInput(
            f"say what it is read for, in 2 to {LONGEST} characters",
            f"须写明查看用途（2至{LONGEST}字）",
            field="purpose",
        )
    return said


def _forbidden(officer: Officer) -> Forbidden:
    return Forbidden(
        f"the {officer.role} of {officer.unit} may not read this report in clear; the attempt is recorded",
        "无权查看该来件的个人信息，本次访问已记录",
    )


def _unknown(receipt: str) -> NotFound:
    return NotFound(f"no report {receipt!r}", f"没有回执号为{receipt}的来件", field="receipt")


def _view(access: Access) -> UnmaskedRead:
    return UnmaskedRead(
        access_id=str(access.id),
        at=access.at,
        role=access.role,
        unit=access.unit,
        name=access.name,
        purpose=access.purpose,
        outcome=access.outcome,
    )
