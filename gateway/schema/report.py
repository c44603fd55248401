"""Reports in clear: what a citizen sent, opened for a purpose and recorded. In no list, kept nowhere here."""

from typing import Any

import graphene
import msgspec

from gateway.guarded import Guarded, part_of
from gateway.inquiry import Inquiry, inquiry
from gateway.permissions import SEE_READS, UNMASK
from gateway.schema.case_commands import text
from gateway.schema.commands import mutation, send
from gateway.schema.enums import Channel
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import UnmaskedRead as ReadView
from services.complaints.contracts import UnmaskedReport as ReportView
from services.complaints.contracts import UnmaskedVersion as VersionView


@part_of(UNMASK)
class PersonalField(graphene.ObjectType):
    """One personal field, by its Chinese name."""

    name = graphene.String(required=True)
    value = graphene.String(required=True)


@part_of(UNMASK)
class UnmaskedVersion(graphene.ObjectType):
    """One version of a report in clear."""

    received_at = graphene.DateTime(required=True)
    personal = graphene.List(graphene.NonNull(PersonalField), required=True)
    raw = graphene.String(description="what came, as it came; null for a role that may not see it")

    def resolve_personal(self: VersionView, info: graphene.ResolveInfo) -> list[PersonalField]:
        return [PersonalField(name=name, value=value) for name, value in self.personal.items()]


@part_of(UNMASK)
class UnmaskedReport(graphene.ObjectType):
    """A report in clear."""

    receipt = graphene.String(required=True)
    channel = graphene.Field(Channel, required=True)
    external_id = graphene.String(required=True, description="the sender's own id")
    versions = graphene.List(graphene.NonNull(UnmaskedVersion), required=True, description="the newest last")
    access_id = graphene.String(required=True, description="the record of this read")


@part_of(SEE_READS)
class UnmaskedRead(graphene.ObjectType):
    """Who read a report in clear, or tried to."""

    access_id = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    role = graphene.String(required=True)
    unit = graphene.String(required=True)
    name = graphene.String(required=True)
    purpose = graphene.String(required=True)
    outcome = graphene.String(required=True, description="shown, refused or not_found")


async def _unmask(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    """The service decides, and records also those whom it refuses: the gateway refuses nobody before."""
    return {"report": msgspec.convert(await send(asking, COMPLAINTS, "unmask_report", **words), ReportView)}


class ReportCommands:
    """What can be done with a report."""

    unmask_report = mutation(
        "unmask_report",
        UNMASK,
        "查看来件原文和个人信息: recorded before it is shown",
        {"receipt": text("of the report"), "purpose": text("what for; it stands in the record")},
        {"report": graphene.Field(UnmaskedReport)},
        _unmask,
    )


class ReportQueries:
    """What can be asked about reports."""

    unmasked_reads = Guarded(
        graphene.List(graphene.NonNull(UnmaskedRead)),
        permission=SEE_READS,
        receipt=graphene.String(required=True),
        description="访问记录: every read of a report in clear and every try, the oldest first",
    )

    async def resolve_unmasked_reads(self, info: graphene.ResolveInfo, receipt: str) -> list[ReadView]:
        asking = inquiry(info)
        by = msgspec.to_builtins(asking.officer)
        return msgspec.convert(await asking.desk.ask(COMPLAINTS, "unmasked_reads", receipt, by), list[ReadView])
