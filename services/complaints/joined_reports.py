"""The reports inside a case: which, up to which revision, and the words that the case takes over from its first one."""

from datetime import datetime
from typing import Any

import msgspec

from services.complaints.contracts import Channel
from services.complaints.duplicates import pack
from services.complaints.likeness import traits_of
from services.complaints.likes import likes_in
from services.complaints.report import Content, Report

SORT = "问题类型"  # 部件 or 事件, as 12319 says it


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A report in the case: which revision of it the case has seen, its likes less dislikes, how many photos it has,
    and `person`, a keyed hash that tells people apart ("" where nobody is known; see persons.py)."""

    report_id: str
    receipt: str
    channel: Channel
    received_at: datetime
    revision: int = 0
    likes: int = 0
    photos: int = 0
    person: str = ""


def joined(report: Report) -> Joined:
    """The report as a case holds it, with the revision that it has now."""
    return Joined(
        report_id=report.id,
        receipt=report.receipt,
        channel=Channel(report.channel),
        received_at=report.received_at,
        revision=report.revision,
        likes=likes_in(report.latest.content.facts),
        photos=len(report.latest.content.photos),
        person=report.person or "",
    )


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
