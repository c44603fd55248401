"""What assessment tells the others: its events, and the views that its RPC methods return."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from infra.messaging.event import Event

SERVICE = "assessment"


class RoundStatus(StrEnum):
    """A round is open for results until it is published; then it never changes."""

    OPEN = "open"
    PUBLISHED = "published"


class Grade(StrEnum):
    """Grades by score (DOMAIN.md §5; bounds are configuration)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's place in a ranking. Equal scores share a rank (1, 2, 2, 4); `change` is places won since the
    last round, None where there is none to compare. `score` is 0..100 with two decimals, None where nothing was
    scored."""

    unit: str
    tier: int
    score: float | None
    rank: int | None
    grade: Grade | None
    change: int | None
    sites: int
    deductions: int


class IndicatorValue(msgspec.Struct, frozen=True, kw_only=True):
    """An operational indicator: numerator over denominator; `rate` is None for a zero denominator, never 0 or 1."""

    unit: str
    indicator: str
    period: str
    numerator: int
    denominator: int
    rate: float | None


class AssessmentEvent(Event, frozen=True, kw_only=True):
    """Base of the events of assessment."""

    source: ClassVar[str] = SERVICE


class RoundOpened(AssessmentEvent, frozen=True, kw_only=True):
    """A round starts, on one version of one framework, for ever."""

    unheard: ClassVar[bool] = True
    round_id: str
    title: str
    framework: str
    framework_version: int


class ResultsRecorded(AssessmentEvent, frozen=True, kw_only=True):
    """More results were taken into a round that is open: `recorded` of them, `results` altogether.

    `case_numbers` are those of the cases that put right what was found: by them a case is traced to its bulletin.
    """

    unheard: ClassVar[bool] = True
    round_id: str
    recorded: int
    results: int
    case_numbers: tuple[str, ...] = ()


class RoundPublished(AssessmentEvent, frozen=True, kw_only=True):
    """The ranking is final: `standings` of tier 2 and tier 3, best first."""

    round_id: str
    title: str
    framework: str
    framework_version: int
    period: str
    published_at: datetime
    standings: list[Standing]


class RoundView(msgspec.Struct, frozen=True, kw_only=True):
    """A round and, once published, its standings."""

    round_id: str
    version: int
    title: str
    period: str
    framework: str
    framework_version: int
    status: RoundStatus
    sites: int
    published_at: datetime | None
    standings: list[Standing]


# RPC of assessment (nameko service name "assessment"):
#   open_round(round_id, title, period: "2026-Q1" | "2026-03", framework, framework_version, by, cause) -> RoundView
#       same id again: the first one
#   record_results(round_id, rows, by, cause) -> {"recorded": n, "already": n, "refused": [refusal]}
#       row: {"site_id","site_type","street": path | name,"item","deduction","note","case_number" | None}
#       refusal: {"index","field","detail","detail_zh"}; all other rows are taken
#   record_results_file(round_id, content: base64 of a CSV in UTF-8 or GBK, by, cause) -> the same, with "line"
#       columns: 点位编号,点位类型,所属街道,测评项目,扣分,情况说明,案件编号; "field" of a refusal is the column
#   publish_round(round_id, seen, by, cause) -> RoundView     `seen`: results that came since make it stale
#   rounds(first: int) -> list[RoundView]     newest first
#   latest_standings(units: list[str]) -> {unit: Standing + "round_id","title","published_at" | None}
#   indicators(units: list[str], period: "2026-03" | "2026-Q1") -> list[IndicatorValue]
