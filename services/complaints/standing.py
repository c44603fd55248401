"""In which case a report stands now: the one that holds it, or the one into which that was merged."""

from services.complaints.case import Case

LONGEST_CHAIN = 20  # merges of merges; more would be a circle


def case_holding(report_id: str) -> Case | None:
    """The case of the report without text and outbox, following merges; None before triage."""
    case = _first({"joined.report_id": report_id})
    for _ in range(LONGEST_CHAIN):
        if case is None or not case.merged_into:
            return case
        case = _first({"_id": case.merged_into}) or case
    return case


def _first(query: dict[str, str]) -> Case | None:
    return Case.objects(__raw__=query).exclude("outbox", "text", "sketch").first()
