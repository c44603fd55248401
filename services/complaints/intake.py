"""Intake: what a hotline pushes is stored before it is answered, or refused with a reason; nothing authentic is lost.

202  everything is stored (or was stored before); each item has its receipt
207  some items are, some are not understood: one result per index
400  an empty array               401  signature missing, wrong or too old: nothing is stored
404  no such channel              413  too large: nothing is stored
415  not JSON                     422  authentic but not understood: kept, with the id under which it is
409  understood, but its report takes no more revisions: kept likewise
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from infra.clock import Clock
from infra.messaging.store import Store
from infra.problem import InvalidInput, NotFound, NotUnderstood, Problem, TooLarge, Unauthenticated
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from services.complaints.channels import Intake as ChannelIntake
from services.complaints.channels import known_channels
from services.complaints.numbers import NumberSeries
from services.complaints.privacy import Vault
from services.complaints.refused import Misfit
from services.complaints.report import Report, WorkOrder, report_id

MOST_ITEMS = 1000
LARGEST_ITEM = 128 * 1024  # bytes; so that a report with all its revisions stays far below a document's 16 MB
_ARRAY = b"["
_BLANKS = b" \t\r\n"
log = logging.getLogger(__name__)


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An item that is stored. `outcome` is received, already_received or revised."""

    external_id: str
    receipt: str
    outcome: str
    status: int = 202


Outcome = Accepted | Problem


class Intake:
    """Takes in what the channels push. `secret_of` knows their shared secrets, `wall` is wall time in unix seconds."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        receipts: NumberSeries,
        clock: Clock,
        *,
        secret_of: Callable[[str], str | None],
        wall: Callable[[], float],
    ) -> None:
        self._store, self._vault, self._receipts, self._clock = store, vault, receipts, clock
        self._secret_of, self._wall = secret_of, wall

    def channel(self, name: str) -> ChannelIntake:
        """The channel of that name. Raises NotFound."""
        known = known_channels().get(name)
        if known is None:
            raise NotFound(f"no channel {name!r}", f"没有这个渠道：{name}", field="channel")
        return known

    def authenticate(self, channel: ChannelIntake, headers: Mapping[str, str], signed: bytes) -> None:
        """Pass when the signature in `headers` fits `signed` under the channel's own secret. Raises Unauthenticated."""
        secret = self._secret_of(channel.channel.value)
        if not secret:
            raise Unauthenticated("this channel has no shared secret yet", "该渠道尚未配置密钥")
        timestamp, signature = headers.get(TIMESTAMP_HEADER), headers.get(SIGNATURE_HEADER)
        verify(secret.encode(), timestamp, signed, signature, now=self._wall())

    def push(self, channel: ChannelIntake, body: bytes, cause: str) -> tuple[int, Any]:
        """Store what an authentic `body` holds; HTTP status and the JSON to answer.

        Raises InvalidInput, TooLarge, NotUnderstood (a single item, or a body that is no JSON: kept), Refused (kept).
        """
        if body.lstrip(_BLANKS)[:1] != _ARRAY:
            (outcome,) = self._take(channel, [body], cause)
            if isinstance(outcome, Problem):
                raise outcome
            return 202, outcome
        try:
            items = [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._keep(channel, [(body, _no_json(error))])[0] from error
        if not items:
            raise InvalidInput("the array is empty", "数组为空", field="body")
        if len(items) > MOST_ITEMS:
            raise TooLarge(f"more than {MOST_ITEMS} items in one array", f"一次最多{MOST_ITEMS}条", field="body")
        return _answer(self._take(channel, items, cause))

    def _take(self, channel: ChannelIntake, items: list[bytes], cause: str) -> list[Outcome]:
        """Store every item; the outcomes in the same order."""
        understood: dict[int, WorkOrder] = {}
        odd: dict[int, Problem] = {}
        for index, raw in enumerate(items):
            try:
                understood[index] = understand(channel, raw)
            except Problem as why:
                odd[index] = why
        refusals = self._keep(channel, [(items[index], why) for index, why in odd.items()])
        outcomes: dict[int, Outcome] = dict(zip(odd, refusals, strict=True))
        outcomes |= self._store_orders(channel, {n: (order, items[n]) for n, order in understood.items()}, cause)
        return [outcomes[index] for index in range(len(items))]

    def _store_orders(
        self, channel: ChannelIntake, orders: dict[int, tuple[WorkOrder, bytes]], cause: str
    ) -> dict[int, Outcome]:
        """One insert for all that are new; what was there before is compared with what came."""
        at = self._clock.now()
        first = {order.external_id: n for n, (order, _) in reversed(orders.items())}
        reports = []
        for n, receipt in zip(first.values(), self._receipts.take(len(first)), strict=True):
            order, raw = orders[n]
            new = Report.receive(channel.channel, order, raw, receipt=receipt, vault=self._vault, at=at, cause=cause)
            reports.append((n, new))
        created = self._store.insert_many([report for _, report in reports])
        outcomes: dict[int, Outcome] = {
            n: Accepted(external_id=report.external_id, receipt=report.receipt, outcome="received")
            for (n, report), is_new in zip(reports, created, strict=True)
            if is_new
        }
        again = {n: one for n, one in orders.items() if n not in outcomes}
        return outcomes | self._compare(channel, again, cause)

    def _compare(
        self, channel: ChannelIntake, again: dict[int, tuple[WorkOrder, bytes]], cause: str
    ) -> dict[int, Outcome]:
        """Same number again: what repeats the newest version has its receipt, everything else is a revision."""
        ids = {report_id(channel.channel, order.external_id) for order, _ in again.values()}
        stored = {one.id: one for one in Report.objects(id__in=list(ids)).exclude("outbox")} if ids else {}
        outcomes: dict[int, Outcome] = {}
        changed: set[str] = set()  # by this very push: what was loaded is no longer the newest
        for n, (order, raw) in again.items():
            report = stored[report_id(channel.channel, order.external_id)]
            try:
                known = report.id not in changed and report.repeats(order, raw, self._vault)
                revised = not known and self._revise(report.id, order, raw, cause)
            except Problem as refusal:
                (outcomes[n],) = self._keep(channel, [(raw, refusal)])
                continue
            changed |= {report.id} if revised else set()
            outcome = "revised" if revised else "already_received"
            outcomes[n] = Accepted(external_id=order.external_id, receipt=report.receipt, outcome=outcome)
        return outcomes

    def _revise(self, about: str, order: WorkOrder, raw: bytes, cause: str) -> bool:
        at = self._clock.now()
        return self._store.change(
            Report, about, lambda report: report.revise(order, raw, vault=self._vault, at=at, cause=cause)
        )

    def _keep(self, channel: ChannelIntake, odd: Iterable[tuple[bytes, Problem]]) -> list[Problem]:
        """Keep what was not taken, each content once; what the sender is told about each."""
        at = self._clock.now()
        kept = [(Misfit.keep(channel.channel, raw, why, vault=self._vault, at=at), why) for raw, why in odd]
        self._store.insert_many(list({misfit.id: misfit for misfit, _ in kept}.values()))
        return [misfit.refusal(why) for misfit, why in kept]


def understand(channel: ChannelIntake, raw: bytes) -> WorkOrder:
    """The work order in `raw`. Raises InvalidInput naming the field, also where the channel's parser itself fails."""
    if len(raw) > LARGEST_ITEM:
        raise InvalidInput(f"the item is larger than {LARGEST_ITEM} bytes", f"单条超过{LARGEST_ITEM}字节", field="body")
    try:
        item = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_json(error) from error
    if not isinstance(item, dict):
        raise InvalidInput("an item must be a JSON object", "每条须为 JSON 对象", field="body")
    try:
        return channel.parse(item)
    except Problem:
        raise
    except Exception as error:  # one odd item must not cost its neighbours their receipts
        log.error("the parser of %s failed: %s", channel.channel, type(error).__name__)
        raise InvalidInput("the item cannot be read here", "该条内容无法读取", field="body") from None


def _no_json(error: Exception) -> InvalidInput:
    what = str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__
    return InvalidInput(f"not JSON in UTF-8: {what}", "不是 UTF-8 编码的 JSON", field="body")


def _answer(outcomes: list[Outcome]) -> tuple[int, Any]:
    """Status and body for an array: 202 where all are stored, 207 where some are. Raises NotUnderstood where none."""
    results = [
        {"index": n, **(one.as_json() if isinstance(one, Problem) else msgspec.to_builtins(one))}
        for n, one in enumerate(outcomes)
    ]
    refused = sum(isinstance(one, Problem) for one in outcomes)
    if refused == len(outcomes):
        raise NotUnderstood("no item was taken in; each is kept", "全部未能收下，均已留存", results=results)
    return (207 if refused else 202), {"results": results}
