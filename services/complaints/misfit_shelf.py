"""What was kept because nobody could take it: the list without content, one item opened for a named officer, corrected
and taken in, or discarded. The hotline's desk and the city's office may; who did what is kept with it.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import Forbidden, InvalidInput, Refused, Stale
from services.complaints.channels import channel_named
from services.complaints.contracts import Channel, MisfitPage, MisfitState, MisfitView, OpenedMisfit
from services.complaints.desk import DESK
from services.complaints.intake import Intake
from services.complaints.newest_first import beyond, cursor_of, page_length
from services.complaints.officers_words import said
from services.complaints.privacy import CannotOpen, Vault
from services.complaints.refused import Misfit
from services.complaints.report import report_id

E = TypeVar("E", bound=StrEnum)
By = dict[str, Any]  # an Officer as JSON


class MisfitShelf:
    """The misfits of all channels."""

    def __init__(self, store: Store, vault: Vault, intake: Intake, clock: Clock) -> None:
        self._store, self._vault, self._intake, self._clock = store, vault, intake, clock

    def page(self, first: int, after: str | None, channel: str | None = None, state: str | None = None) -> MisfitPage:
        """The `first` misfits (of one channel, in one state) after the cursor `after`, the newest first.

        Raises InvalidInput.
        """
        first = page_length(first)
        query = beyond(after) | _wanted(channel, state)
        kept = Misfit.objects(__raw__=query).exclude("outbox", "sealed_raw", "key")
        found = list(kept.order_by("-received_at", "-id").limit(first + 1))
        items = found[:first]
        return MisfitPage(
            items=[_view(misfit) for misfit in items],
            end_cursor=cursor_of(items[-1].received_at, items[-1].id) if items else None,
            has_next=len(found) > first,
        )

    def open(self, misfit_id: str, by: By) -> OpenedMisfit:
        """What came, opened for the officer `by`; that they read it is recorded with it.

        Raises InvalidInput, Forbidden (the desk and the city's office may), NotFound, Refused where it does not open.
        """
        officer = _allowed(by)

        def read(misfit: Misfit) -> OpenedMisfit:
            raw = self._opened(misfit).decode("utf-8", "backslashreplace")
            misfit.note_read(officer, self._clock.now())
            return OpenedMisfit(misfit=_view(misfit), raw=raw, reads=misfit.reads)

        return self._store.change(Misfit, misfit_id, read)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many there are, by channel and state. Reads an index of all of them: for a person, not for a loop."""
        found: dict[str, dict[str, int]] = {}
        group = {"$group": {"_id": {"channel": "$channel", "state": "$state"}, "n": {"$sum": 1}}}
        for one in Misfit._get_collection().aggregate([group]):
            of_channel = found.setdefault(one["_id"]["channel"], {})
            state = one["_id"].get("state") or MisfitState.WAITING.value
            of_channel[state] = of_channel.get(state, 0) + one["n"]
        return found

    def resubmit(
        self, misfit_id: str, seen: int, by: By, cause: str, *, raw: str | None, fields: dict[str, Any] | None
    ) -> MisfitView:
        """Take in `raw`, the whole item as corrected, or what came with `fields` put over it; link it to its report.

        Report and link are written in one transaction: it happens once, or not at all. Raises InvalidInput (also where
        it is still not understood: it goes on waiting), Forbidden, NotFound, Stale, Refused.
        """
        officer = _allowed(by)
        if (raw is None) == (fields is None):
            raise InvalidInput("give either raw or fields", "请提供更正后的全文或更正的字段之一", field="raw")

        def once(session: ClientSession) -> MisfitView:
            def take_in(misfit: Misfit) -> MisfitView:
                corrected = _utf8(raw) if raw is not None else _put_over(self._opened(misfit), fields or {})
                taken = self._intake.take_corrected(channel_named(misfit.channel), corrected, cause, session)
                about = report_id(Channel(misfit.channel), taken.external_id)
                misfit.resubmitted(officer, about, taken.receipt, at=self._clock.now(), cause=cause)
                return _view(misfit)

            return self._end(misfit_id, seen, take_in, session)

        return self._store.in_transaction(once)

    def discard(self, misfit_id: str, seen: int, by: By, reason: str, cause: str) -> MisfitView:
        """Nothing is to come of it, for this reason. Raises InvalidInput, Forbidden, NotFound, Stale, Refused."""
        officer, why = _allowed(by), said(reason, "reason")

        def discard(misfit: Misfit) -> MisfitView:
            misfit.discard(officer, why, at=self._clock.now(), cause=cause)
            return _view(misfit)

        return self._end(misfit_id, seen, discard)

    def _end(
        self, misfit_id: str, seen: int, end: Callable[[Misfit], MisfitView], session: ClientSession | None = None
    ) -> MisfitView:
        """`end` the misfit under the version seen. One that has ended says how, whatever version of it was seen."""
        try:
            return self._store.change(Misfit, misfit_id, end, seen=_version(seen), session=session)
        except Stale:
            Misfit.objects.get(id=misfit_id).require_waiting()
            raise

    def _opened(self, misfit: Misfit) -> bytes:
        """What came. Raises Refused."""
        if misfit.key is None:
            raise Refused(f"{misfit.id} has been erased", f"{misfit.id} 的内容已清除")
        try:
            return self._vault.open(misfit.id, misfit.key, misfit.sealed_raw)
        except CannotOpen as error:
            raise Refused(str(error), f"{misfit.id} 无法用当前主密钥打开") from error


def _view(misfit: Misfit) -> MisfitView:
    return MisfitView(
        misfit_id=misfit.id,
        channel=Channel(misfit.channel),
        received_at=misfit.received_at,
        reason=misfit.problem["detail"],
        reason_zh=misfit.problem["detail_zh"],
        field=misfit.problem.get("field"),
        version=misfit.sequence,
        state=MisfitState(misfit.state),
        end=misfit.end,
    )


def _allowed(by: By) -> Officer:
    officer = Officer.from_json(by)
    if officer.role not in DESK:
        raise Forbidden(
            f"the {officer.role} may neither read nor decide on what was kept",
            "只有热线坐席和市总指挥部办公室可以查看和处理",
        )
    return officer


def _wanted(channel: str | None, state: str | None) -> dict[str, Any]:
    """The condition for these; what was kept before there were states waits."""
    query: dict[str, Any] = {}
    if channel is not None:
        query["channel"] = _word(Channel, channel, "channel").value
    if state is not None:
        word = _word(MisfitState, state, "state")
        query["state"] = {"$in": [word.value, None]} if word is MisfitState.WAITING else word.value
    return query


def _word(kind: type[E], word: str, field: str) -> E:
    try:
        return kind(word)
    except ValueError as error:
        raise InvalidInput(f"no {field} {word!r}", f"没有这个选项：{word}", field=field) from error


def _version(seen: int) -> int:
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InvalidInput("seen must be the version that you looked at", "须注明所见版本", field="seen")
    return seen


def _utf8(raw: str) -> bytes:
    try:
        return raw.encode()
    except (UnicodeEncodeError, AttributeError) as error:
        raise InvalidInput("raw must be text in UTF-8", "更正内容须为 UTF-8 文本", field="raw") from error


def _put_over(raw: bytes, fields: dict[str, Any]) -> bytes:
    """The JSON object in `raw` with `fields` in the place of its own; null takes a field away. Raises InvalidInput."""
    try:
        item = msgspec.json.decode(raw, type=dict[str, Any])
        corrected = {name: value for name, value in (item | fields).items() if value is not None}
        return msgspec.json.encode(corrected)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError) as error:
        raise InvalidInput(
            "what came is no JSON object: correct it as a whole", "原内容不是 JSON 对象，请整体更正", field="fields"
        ) from error
