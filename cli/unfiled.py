"""A flood: how many reports were accepted and are not filed yet, for how long, and until when at the present rate.

An accepted report is an event in the queue of triage; before the broker has it, in its outbox.
"""

from collections.abc import Mapping, Sequence

from infra.local.status import OutboxState, QueueState

TRIAGE = "complaints.report_received"  # the queue from which reports become cases
UNKNOWN = "未知"


def unfiled(queues: Sequence[QueueState] | None, outboxes: Mapping[str, OutboxState] | None) -> str:
    """One line about them; what cannot be known is 未知."""
    triage = next((one for one in queues or () if one.name == TRIAGE), None)
    if triage is None:
        return f"accepted and not yet filed: {UNKNOWN}"
    parts = [f"accepted and not yet filed: {triage.waiting + triage.alone} reports"]
    if triage.waiting:
        oldest = UNKNOWN if triage.oldest is None else f"{triage.oldest:.0f} s"
        parts.append(f"the oldest for {oldest}, the last filed in {_until(triage)}")
    parts += _beside(triage, outboxes)
    return "; ".join(parts)


def _until(triage: QueueState) -> str:
    if triage.empty_in is None:
        return f"{UNKNOWN} (none was filed in the last minute)"
    return f"about {triage.empty_in:.0f} s ({triage.rate:.0f} a second at present)"


def _beside(triage: QueueState, outboxes: Mapping[str, OutboxState] | None) -> list[str]:
    """Those that are not in the queue."""
    complaints = (outboxes or {}).get("complaints")
    unsent = complaints.holding.get("reports", 0) if complaints else 0
    return [f"{unsent} not yet sent to be filed"] * bool(unsent) + [f"{triage.dead} given up"] * bool(triage.dead)
