"""The reports inside a case: which, up to which revision, what triage found of each, and the words that the case takes
over from its first one."""

from datetime import datetime
from typing import Any

import msgspec

from services.complaints.contracts import Channel, Reason, RequestKind, Urgency
from services.complaints.duplicates import pack
from services.complaints.likeness import traits_of
from services.complaints.likes import likes_in
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision
from services.complaints.work_order import Content

WEIGHED = ("urgency", "request_kind")  # what is decided by all reports of a case together
ERASED_REASON, ERASED_EVIDENCE = "依据已随来件删除", "已删除"
SORT = "问题类型"  # 部件 or 事件, as 12319 says it


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A report in the case: which revision of it the case has seen, its likes less dislikes, how many photos it has,
    and `person`, a keyed hash that tells people apart ("" where nobody is known; see persons.py). `urgency` and
    `request_kind` are what triage found of it (None: it joined before that was kept), `because` why, where the case
    does not say so itself; `difficult`: its sender says 疑难; `demanded_by`: the earliest moment until when its sender
    wants something of it (None: none is named, or it joined before that was kept)."""

    report_id: str
    receipt: str
    channel: Channel
    received_at: datetime
    revision: int = 0
    likes: int = 0
    photos: int = 0
    person: str = ""
    urgency: Urgency | None = None
    request_kind: RequestKind | None = None
    because: dict[str, Reason] = {}
    difficult: bool = False
    demanded_by: datetime | None = None


def opening(report: Report, decision: TriageDecision) -> Joined:
    """The report that opens a case, which has the reasons of `decision` itself."""
    return msgspec.structs.replace(joining(report, decision), because={})


def joining(report: Report, decision: TriageDecision) -> Joined:
    """The report as a case holds it, with the revision that it has now, and what triage found of it."""
    return Joined(
        report_id=report.id,
        receipt=report.receipt,
        channel=Channel(report.channel),
        received_at=report.received_at,
        revision=report.revision,
        likes=likes_in(report.latest.content.facts),
        photos=len(report.latest.content.photos),
        person=report.person or "",
        urgency=decision.urgency,
        request_kind=decision.request_kind,
        because={name: decision.reasons[name] for name in WEIGHED if name in decision.reasons},
        difficult=report.latest.content.difficult,
        demanded_by=report.latest.content.demanded_by,
    )


def without_words(one: Joined) -> Joined:
    """The report in a case without what tells its sender from others, and without what triage quoted from it."""
    because = {name: erased_reason(reason) for name, reason in one.because.items()}
    return msgspec.structs.replace(one, person="", because=because)


def erased_reason(reason: Reason) -> Reason:
    """The reason of a decision whose grounds were erased: who decided it stays, and that there was evidence, so that
    what triage was sure of does not become doubtful."""
    return Reason(ERASED_REASON, [ERASED_EVIDENCE] * bool(reason.evidence), reason.by)


def words_of(content: Content) -> dict[str, Any]:
    """The fields of a case that repeat what its first report says, and what finds duplicates of it."""
    return {
        "title": content.title,
        "text": content.text,
        "address": content.address,
        "hidden": content.hidden,
        "declared_category": content.declared_category,
        "declared_sort": content.facts.get(SORT, ""),
        "point": list(content.point or ()),
    } | stored_traits(content.text, content.address)


def stored_traits(text: str, address: str) -> dict[str, Any]:
    """The fields of an open case by which its duplicates are found."""
    traits = traits_of(text, address)
    return {
        "words_key": traits.words_key,
        "sketch": pack(traits.sketch),
        "bands": traits.bands,
        "names": sorted(traits.names),
    }
