"""未能收下的来件: what a channel sent and intake refused; listed, opened on the record, corrected or discarded."""

from typing import Any

import graphene
import msgspec

from gateway.cursor import connect, decode
from gateway.guarded import Guarded, part_of
from gateway.inquiry import Inquiry, inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import HANDLE_MISFITS, enforce
from gateway.schema.case_commands import text
from gateway.schema.commands import SEEN, mutation, send
from gateway.schema.enums import Channel, MisfitState
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import MisfitPage, MisfitView, OpenedMisfit


def _of_end(name: str, type_: Any = graphene.String, **kwargs: Any) -> Any:
    """A field of how it ended; null while it waits, and for what that end does not have."""
    return graphene.Field(type_, resolver=lambda root, info: root.end and (getattr(root.end, name) or None), **kwargs)


@part_of(HANDLE_MISFITS)
class Misfit(graphene.ObjectType):
    """An item that was authentic and could not be taken in: why, and what became of it; nothing of its content."""

    misfit_id = graphene.String(required=True)
    version = graphene.Int(required=True, description="what a command must name as seenVersion")
    channel = graphene.Field(Channel, required=True)
    received_at = graphene.DateTime(required=True)
    state = graphene.Field(MisfitState, required=True)
    reason = graphene.String(required=True, description="in Chinese")
    field = graphene.String(description="of the item, where one field is wrong")
    ended_by = _of_end("name")
    ended_at = _of_end("at", graphene.DateTime)
    why = _of_end("why", description="弃置: why nothing is to come of it")
    receipt = _of_end("receipt", description="更正重报: of the report that it became")

    def resolve_reason(self: MisfitView, info: graphene.ResolveInfo) -> str:
        return self.reason_zh


@part_of(HANDLE_MISFITS)
class MisfitConnection(graphene.relay.Connection):
    """Misfits, the newest first."""

    class Meta:
        node = Misfit


@part_of(HANDLE_MISFITS)
class MisfitCount(graphene.ObjectType):
    """How many of one channel are in each state."""

    channel = graphene.Field(Channel, required=True)
    waiting = graphene.Int(required=True, description="待更正")
    resubmitted = graphene.Int(required=True, description="已更正重报")
    discarded = graphene.Int(required=True, description="已弃置")


@part_of(HANDLE_MISFITS)
class MisfitRead(graphene.ObjectType):
    """Who opened a misfit."""

    role = graphene.String(required=True)
    unit = graphene.String(required=True)
    name = graphene.String(required=True)
    at = graphene.DateTime(required=True)


class MisfitQueries:
    """What can be asked about misfits."""

    misfits = Guarded(
        MisfitConnection,
        permission=HANDLE_MISFITS,
        description="未能收下的来件: what channels sent and intake refused",
        channel=Channel(description="default: all"),
        state=MisfitState(description="default: all"),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        after=graphene.String(description="a cursor"),
    )
    misfit_counts = Guarded(graphene.List(graphene.NonNull(MisfitCount)), permission=HANDLE_MISFITS)

    async def resolve_misfits(
        self,
        info: graphene.ResolveInfo,
        first: int,
        channel: Any = None,
        state: Any = None,
        after: str | None = None,
    ) -> Any:
        asking, start = _allowed(inquiry(info)), decode(after)
        asked = (page_length(first) + start.skip, start.after, channel, state)
        page = msgspec.convert(await asking.desk.ask(COMPLAINTS, "misfits", *asked), MisfitPage)
        return connect(MisfitConnection, page, start)

    async def resolve_misfit_counts(self, info: graphene.ResolveInfo) -> list[MisfitCount]:
        counts = await _allowed(inquiry(info)).desk.ask(COMPLAINTS, "misfit_counts")
        none = dict.fromkeys(("waiting", "resubmitted", "discarded"), 0)
        return [MisfitCount(channel=channel, **none | of_channel) for channel, of_channel in counts.items()]


def _allowed(asking: Inquiry) -> Inquiry:
    """What could not be read lies nowhere: it is for those who work for the whole city. Raises Forbidden."""
    enforce(HANDLE_MISFITS, asking.officer, asking.registry.city)
    return asking


async def _open(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    by = msgspec.to_builtins(_allowed(asking).officer)
    answer = await asking.desk.command(COMPLAINTS, "misfit", words["id"], by)
    return msgspec.structs.asdict(msgspec.convert(answer, OpenedMisfit))


async def _resubmit(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    if (fields := words.get("fields")) is not None:
        words["fields"] = {one["name"]: one.get("value") for one in fields}
    return await _end(asking, "resubmit_misfit", words)


async def _discard(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    return await _end(asking, "discard_misfit", words)


async def _end(asking: Inquiry, method: str, words: dict[str, Any]) -> dict[str, Any]:
    words["seen"] = words.pop("seen_version")
    return {"misfit": msgspec.convert(await send(_allowed(asking), COMPLAINTS, method, **words), MisfitView)}


class FieldGiven(graphene.InputObjectType):
    """A field of the item as it should have been."""

    name = text("as the channel names it")
    value = graphene.String(description="null takes the field away")


_MISFIT = {"misfit": graphene.Field(Misfit)}
_ID = {"id": text("misfitId")}
_NAMED = _ID | {"seen_version": graphene.Int(required=True, description=SEEN)}


class MisfitCommands:
    """What can be done with a misfit."""

    open_misfit = mutation(
        "open_misfit",
        HANDLE_MISFITS,
        "查看来件原文: what came, personal data included; who opens it is recorded",
        _ID,
        _MISFIT
        | {
            "raw": graphene.String(description="as it came"),
            "reads": graphene.List(graphene.NonNull(MisfitRead), description="everybody who opened it, this time too"),
        },
        _open,
    )
    resubmit_misfit = mutation(
        "resubmit_misfit",
        HANDLE_MISFITS,
        "更正重报, once: the whole item as corrected, or some of its fields put over what came",
        _NAMED
        | {
            "raw": graphene.String(description="the whole item; this, or fields"),
            "fields": graphene.List(graphene.NonNull(FieldGiven)),
        },
        _MISFIT,
        _resubmit,
    )
    discard_misfit = mutation(
        "discard_misfit",
        HANDLE_MISFITS,
        "弃置: nothing is to come of it",
        _NAMED | {"reason": text("it stands in the record")},
        _MISFIT,
        _discard,
    )
