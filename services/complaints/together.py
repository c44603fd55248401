"""What the reports of a case say together: the most urgent counts, the most demanding, and any that says 疑难. Pure.

What is to be put right demands more than what is answered (DOMAIN.md §3). Among reports that demand the same the first
counts. A report of which nothing was kept says nothing.
"""

from collections.abc import Sequence

import msgspec

from services.complaints.contracts import Reason, RequestKind, Urgency
from services.complaints.joined_reports import Joined
from services.complaints.standard.giving import PUT_RIGHT
from services.complaints.triage.urgency import RANK


def demands(kind: RequestKind | None) -> int:
    """How much a kind of request demands."""
    return -1 if kind is None else int(kind in PUT_RIGHT)


def presses(urgency: Urgency | None) -> int:
    """How urgent it is."""
    return -1 if urgency is None else RANK[urgency]


def leading(joined: Sequence[Joined]) -> dict[str, Joined]:
    """By what is decided (urgency, request_kind), the report that decides it."""
    return {
        "urgency": max(joined, key=lambda one: presses(one.urgency)),
        "request_kind": max(joined, key=lambda one: demands(one.request_kind)),
    }


def says_more(one: Joined, urgency: Urgency, kind: RequestKind) -> dict[str, bool]:
    """By what is decided, whether the report is more urgent, or demands more."""
    return {
        "urgency": presses(one.urgency) > presses(urgency),
        "request_kind": demands(one.request_kind) > demands(kind),
    }


def revised(old: Joined, new: Joined) -> Joined:
    """A report with its new version: that may make it more urgent or more demanding, never less."""
    kept = {
        name: getattr(old, name)
        for name, less in (
            ("urgency", presses(new.urgency) <= presses(old.urgency)),
            ("request_kind", demands(new.request_kind) <= demands(old.request_kind)),
        )
        if less
    }
    because = {name: one for name, one in new.because.items() if name not in kept}
    because |= {name: one for name, one in old.because.items() if name in kept}
    return msgspec.structs.replace(new, because=because, **kept)


def quoting(receipt: str, reason: Reason | None) -> Reason:
    """The reason of a report that joined, as the reason of its case."""
    if reason is None:
        return Reason(f"依据来件{receipt}", [])
    return Reason(f"依据来件{receipt}：{reason.text_zh}", reason.evidence)
