"""Triage of one report: category, place, urgency and kind of request, each with the reason for people (DESIGN.md, 9).

Pure: the same input, registry and lexicon give the same decision.
"""

import msgspec

from infra.organisation.registry import Registry
from services.complaints.contracts import Reason, RequestKind, Urgency
from services.complaints.triage.category import Lexicon, classify
from services.complaints.triage.place import place_of
from services.complaints.triage.request_kind import request_kind_of
from services.complaints.triage.urgency import urgency_of


class TriageInput(msgspec.Struct, frozen=True, kw_only=True):
    """What triage needs of a report, in the caller's words; empty where the channel does not say it.

    `declared_category` is what the channel calls the matter (12319: 大类/小类 joined by `/`; 12345: 诉求归口),
    `declared_kind` 诉求类型, `declared_urgency` 紧急程度, `place_fields` the fields that say where, by their own names
    and the most exact first (单元网格, 事发地址, 位置描述).
    """

    title: str
    text: str
    declared_category: str = ""
    declared_kind: str = ""
    declared_urgency: str = ""
    place_fields: dict[str, str] = {}


class TriageDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: `category` is a code of data/categories.csv, `place_path` a territorial unit (the city where nothing
    says more), `subject` the category's first-level subject, `reasons` is keyed category, place, urgency, request_kind.
    """

    category: str
    category_name: str
    place_path: str
    urgency: Urgency
    request_kind: RequestKind
    subject: str = ""
    reasons: dict[str, Reason]


def triage(report: TriageInput, registry: Registry, lexicon: Lexicon) -> TriageDecision:
    """Decide everything about `report` that can be decided without a person. Never raises for odd texts."""
    classified = classify(lexicon, report.title, report.text, declared=report.declared_category)
    place, why_place = place_of(registry, report.title, report.text, report.place_fields)
    urgency, why_urgency = urgency_of(report.title, report.text, report.declared_urgency)
    kind, why_kind = request_kind_of(report.title, report.text, report.declared_kind)
    category = classified.category
    return TriageDecision(
        category=category.code,
        category_name=category.name,
        place_path=place,
        urgency=urgency,
        request_kind=kind,
        subject=category.level1,
        reasons={
            "category": classified.reason(),
            "place": why_place,
            "urgency": why_urgency,
            "request_kind": why_kind,
        },
    )
