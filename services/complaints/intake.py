"""Intake: what a channel sends is stored, or refused with a reason; nothing authentic is lost.

Whatever way it came (HTTP: pushes.py; AMQP; files), it is taken in here, item by item: each is stored once under the
sender's number, or kept as a misfit with its reason. Who calls has made sure that the sender is who it says it is.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, TypeGuard

import msgspec
from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.problem import InvalidInput, Problem, Refused
from services.complaints.channels import KnownChannel
from services.complaints.numbers import NumberSeries
from services.complaints.privacy import CannotOpen, Vault
from services.complaints.query_code import code_of
from services.complaints.refused import Misfit
from services.complaints.report import Report, ReportErased, Said, report_id
from services.complaints.work_order import WorkOrder

LARGEST_ITEM = 128 * 1024  # bytes; so that a report with all its revisions stays far below a document's 16 MB
log = logging.getLogger(__name__)


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An item that is stored. `outcome` is received, already_received or revised; `query_code` is for the citizen, with
    the receipt (query_code.py), None once the report is erased."""

    external_id: str
    receipt: str
    query_code: str | None
    outcome: str
    status: int = 202


class Arrived(NamedTuple):
    """An item that was understood: what it says, as it came, and when it was said, if that is known."""

    order: WorkOrder
    raw: bytes
    said: Said | None = None


Outcome = Accepted | Problem


class Intake:
    """Takes in what the channels send, whatever way it came."""

    def __init__(self, store: Store, vault: Vault, receipts: NumberSeries, clock: Clock) -> None:
        self._store, self._vault, self._receipts, self._clock = store, vault, receipts, clock

    def take(
        self, channel: KnownChannel, items: Sequence[bytes], cause: str, said: Sequence[Said | None] = ()
    ) -> list[Outcome]:
        """Store every item, the raw JSON of one work order each; what became of each, in the same order.

        Accepted: it is stored durably, or was before. A Problem (NotUnderstood, Refused; `extra["kept_as"]` is its id
        among the misfits): it is kept with that reason. `cause` is the id of the push, message or import that brought
        them, `said` tells of each item when it was said (see Said), if that is known.
        Where the database fails nothing is said of any item: send all of them again, what is stored is not
        stored twice.
        """
        understood: dict[int, Arrived] = {}
        outcomes: dict[int, Outcome] = {}
        for index, raw in enumerate(items):
            try:
                understood[index] = Arrived(understand(channel, raw), raw, said[index] if said else None)
            except Problem as why:
                outcomes[index] = why
        outcomes |= self._store_orders(channel, understood, cause)
        odd = {index: one for index, one in outcomes.items() if _is_kept(one)}
        refusals = self.keep(channel, [(items[index], why) for index, why in odd.items()])
        outcomes |= dict(zip(odd, refusals, strict=True))
        return [outcomes[index] for index in range(len(items))]

    def take_corrected(self, channel: KnownChannel, raw: bytes, cause: str, session: ClientSession) -> Accepted:
        """Store one item within the transaction of `session`. Raises InvalidInput, Refused: then it is kept nowhere."""
        outcome = self._store_orders(channel, {0: Arrived(understand(channel, raw), raw)}, cause, session)[0]
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    def _store_orders(
        self,
        channel: KnownChannel,
        orders: dict[int, Arrived],
        cause: str,
        session: ClientSession | None = None,
    ) -> dict[int, Outcome]:
        """One insert for all that are new; what was there before is compared with what came."""
        at = self._clock.now()
        first: dict[str, int] = {}
        for n, one in orders.items():
            first.setdefault(one.order.external_id, n)
        reports = []
        for n, receipt in zip(first.values(), self._receipts.take(len(first)), strict=True):
            one, how = orders[n], {"receipt": receipt, "cause": cause}
            new = Report.receive(channel.channel, one.order, one.raw, vault=self._vault, at=at, said=one.said, **how)
            reports.append((n, new))
        created = self._store.insert_many([report for _, report in reports], session=session)
        outcomes: dict[int, Outcome] = {
            n: self._accepted(report, "received")
            for (n, report), is_new in zip(reports, created, strict=True)
            if is_new
        }
        again = {n: one for n, one in orders.items() if n not in outcomes}
        return outcomes | self._compare(channel, again, cause, session)

    def _compare(
        self,
        channel: KnownChannel,
        again: dict[int, Arrived],
        cause: str,
        session: ClientSession | None,
    ) -> dict[int, Outcome]:
        """Same number again: what repeats the newest version has its receipt, everything else is a revision."""
        ids = {report_id(channel.channel, one.order.external_id) for one in again.values()}
        stored = {one.id: one for one in newest_versions(ids)}
        outcomes: dict[int, Outcome] = {}
        changed: set[str] = set()  # by this very push: what was loaded is no longer the newest
        for n, one in again.items():
            report = stored[report_id(channel.channel, one.order.external_id)]
            try:
                known = report.id not in changed and report.repeats(one.order, one.raw, self._vault)
                revised = not known and self._revise(report.id, one, cause, session)
            except Problem as refusal:
                outcomes[n] = refusal
                continue
            except CannotOpen as error:  # what came is whole: it waits among the misfits until the key is there again
                log.error("%s; what came under its number is kept aside", error)
                outcomes[n] = Refused("what is stored under this number does not open", "该编号的来件暂时无法打开")
                continue
            changed |= {report.id} if revised else set()
            outcome = "revised" if revised else "already_received"
            outcomes[n] = self._accepted(report, outcome)
        return outcomes

    def _accepted(self, report: Report, outcome: str) -> Accepted:
        code = code_of(report, self._vault)
        return Accepted(external_id=report.external_id, receipt=report.receipt, query_code=code, outcome=outcome)

    def _revise(self, about: str, one: Arrived, cause: str, session: ClientSession | None) -> bool:
        at = self._clock.now()

        def revise(report: Report) -> bool:
            return report.revise(one.order, one.raw, vault=self._vault, at=at, cause=cause, said=one.said)

        return self._store.change(Report, about, revise, session=session)

    def keep(self, channel: KnownChannel, odd: Iterable[tuple[bytes, Problem]]) -> list[Problem]:
        """Keep what was not taken, each content once; what the sender is told about each."""
        at = self._clock.now()
        kept = [(Misfit.keep(channel.channel, raw, why, vault=self._vault, at=at), why) for raw, why in odd]
        self._store.insert_many(list({misfit.id: misfit for misfit, _ in kept}.values()))
        return [misfit.refusal(why) for misfit, why in kept]


def said_in_order(at: int | None, count: int) -> list[Said | None]:
    """When each of `count` items of a body was said that was signed `at` (unix seconds), if that is known."""
    return [None if at is None else (at, n) for n in range(count)]


def newest_versions(ids: Collection[str]) -> list[Report]:
    """The reports with these ids, each with its newest version alone: all of them may be megabytes."""
    if not ids:
        return []
    return list(Report.objects(id__in=list(ids)).exclude("outbox").fields(slice__versions=-1))


def _is_kept(outcome: Outcome) -> TypeGuard[Problem]:
    """Whether it is to be kept among the misfits: not what was to be forgotten."""
    return isinstance(outcome, Problem) and not isinstance(outcome, ReportErased)


def understand(channel: KnownChannel, raw: bytes) -> WorkOrder:
    """The work order in `raw`. Raises InvalidInput naming the field, also where the channel's parser itself fails."""
    if len(raw) > LARGEST_ITEM:
        raise InvalidInput(f"the item is larger than {LARGEST_ITEM} bytes", f"单条超过{LARGEST_ITEM}字节", field="body")
    try:
        item = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_json(error) from error
    if not isinstance(item, dict):
        raise InvalidInput("an item must be a JSON object", "每条须为 JSON 对象", field="body")
    try:
        return channel.parse(item)
    except Problem:
        raise
    except Exception as error:  # one odd item must not cost its neighbours their receipts
        log.error("the parser of %s failed: %s", channel.channel, type(error).__name__)
        raise InvalidInput("the item cannot be read here", "该条内容无法读取", field="body") from None


def no_json(error: Exception) -> InvalidInput:
    """The refusal of what the decoder did not take."""
    what = str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__
    return InvalidInput(f"not JSON in UTF-8: {what}", "不是 UTF-8 编码的 JSON", field="body")
