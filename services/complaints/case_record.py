"""The document of a case: its fields, its public state, and the two ways in which it changes.

The themes (case_entry.py, case_reports.py, case_work.py) inherit from it and Case (case.py) from them all: whatever a
theme does goes through `_take`, which asks the table of states, and `_tell`, which records event and history.
"""

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    FloatField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from infra.messaging.event import Event
from infra.struct_field import struct_field
from services.complaints import contracts
from services.complaints.case_duty import CaseDuty
from services.complaints.case_states import ENDED, NOT_BEGUN, Step, after
from services.complaints.contracts import (
    SERVICE,
    Absorbed,
    Appeal,
    CaseState,
    CaseStatus,
    CaseStep,
    Closing,
    Dismissal,
    FactsAsked,
    LimitGiven,
    Rating,
    RatingSource,
    Reason,
    RequestKind,
    Suggestion,
    Urgency,
    Verification,
)
from services.complaints.corrections import Decided
from services.complaints.data_tables import Entry, channel_entries
from services.complaints.desk_items import desk_kinds, desk_place, unsure
from services.complaints.heat import heat_of, heat_rules, week_of
from services.complaints.hiding import Span
from services.complaints.joined_reports import Joined, stored_traits
from services.complaints.limits import Limit
from services.complaints.standard.giving import explained
from services.complaints.task_following import Marks, TaskMark

SYSTEM = "系统"


class CaseRecord(CaseDuty):
    """A case as it is stored. Below the public state (see CaseState) stands what only complaints needs.

    `inside_places` and `inside_units` are its two coordinates with every unit that contains them; `address` is where
    the sender said it is, `point` longitude and latitude where it gave them; they, `words_key`, `sketch`, `bands` (of
    its signature) and `names` (of what it is about) find its duplicates. `is_open` and these are absent once the case
    has ended: the indexes for duplicates hold open cases only. `tasks` is the newest seen of each task,
    `proposed_reply` what the unit said it did. `heat` (see heat.py) is absent where a matter has but one
    report and no likes.
    `hidden` says where title, text and address hold what their report sealed (hiding.py).
    `tasks` of rounds up to `rounds_done` no longer say where the case stands (it was split off or reopened after them).
    A merged case keeps in `moved` the reports that stand in the other case now, and in `before_merge` its status then;
    the other names it in `absorbed`. Not seen by the desk yet: `revised` are receipts of reports with new content,
    `escalated_by` of those that made the case more urgent, or say more than an officer decided. `entered_later`: a
    report that came after the first had it filed or verified, and no officer has done so since. `ratings_seen` of the
    `ratings` an officer has seen; `confirmed`: an officer found right what triage was not sure of. `desk` is why the
    case needs a person, each since when; `desk_key` orders it among all that do (desk_items.py). `wakes_at` is when the
    clock brings the case news by itself.
    `retained_since` is when it ended, absent while it is open and once it is anonymised (retention.py); `forgotten` are
    the reports that were erased.
    """

    noun = "case"
    # The first was not sparse (merged cases hold no report), the second could not order what it found.
    superseded_indexes: ClassVar[tuple[str, ...]] = ("joined.report_id_1", "words_key_1")
    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "db_alias": SERVICE,
        "collection": "cases",
        "indexes": [
            {"fields": ["joined.report_id"], "unique": True, "sparse": True, "name": "one_case_per_report"},
            {"fields": ["number"], "unique": True},
            ("inside_places", "status", "-received_at", "-id"),
            ("inside_units", "status", "-received_at", "-id"),
            {
                "fields": ["inside_places", "desk_kind", "desk_key"],
                "partialFilterExpression": {"desk_kind": {"$exists": True}},
            },
            {"fields": ["wakes_at"], "sparse": True},
            {
                "name": "suggesting",
                "fields": ["suggestions.case_id"],
                "partialFilterExpression": {"suggestions.case_id": {"$exists": True}},
            },
            {"fields": ["retained_since"], "sparse": True},
            {"fields": ["words_key", "-received_at"], "partialFilterExpression": {"is_open": True}},
            {"fields": ["bands", "-received_at"], "partialFilterExpression": {"is_open": True}},
            {
                "fields": ["category", "(point", "-received_at"],
                "partialFilterExpression": {"is_open": True},
            },
            {
                "fields": ["category", "place_path", "-received_at"],
                "partialFilterExpression": {"is_open": True},
            },
            {
                "name": "hot_matters",
                "fields": ["inside_places", "heat_week", "-heat", "-id"],
                "partialFilterExpression": {"heat": {"$exists": True}},
            },
        ],
    }

    id = StringField(primary_key=True)
    number = StringField(required=True)
    status = StringField(required=True)
    is_open = BooleanField()
    title = StringField(required=True)
    text = StringField(required=True)
    address = StringField(default="")
    hidden: dict[str, list[Span]] = struct_field(dict[str, list[Span]], default=dict)
    point = ListField(FloatField())
    words_key = StringField(required=True)
    sketch = BinaryField()
    bands: list[int] = ListField(LongField())
    names: list[str] = ListField(StringField())
    category = StringField(required=True)
    category_name = StringField(required=True)
    place_path = StringField(required=True)
    inside_places = ListField(StringField())
    urgency = StringField(required=True)
    request_kind = StringField(required=True)
    joined: list[Joined] = struct_field(list[Joined])
    heat = FloatField()
    heat_week = IntField()
    last_report_at = DateTimeField()
    received_at = DateTimeField(required=True)
    filed_at = DateTimeField()
    limit_amount = FloatField()
    limit_clock = StringField()
    limit_row = StringField()
    default_unit = StringField()
    limit_given: LimitGiven | None = struct_field(LimitGiven)
    first_subject = StringField()
    declared_category = StringField(default="")
    declared_sort = StringField(default="")
    responsible_unit = StringField()
    inside_units = ListField(StringField())
    task_id = StringField()
    tasks: Marks = struct_field(dict[str, TaskMark], default=dict)
    dispatches = IntField(default=0)
    returns = IntField(default=0)
    reworks = IntField(default=0)
    proposed_reply = StringField()
    reply = StringField()
    replied_at = DateTimeField()
    closing_condition = StringField()
    void_reason = StringField()
    void_code = StringField()
    answered_as = StringField()
    verification: Verification | None = struct_field(Verification)
    facts_asked: FactsAsked | None = struct_field(FactsAsked)
    wakes_at = DateTimeField()
    closings: list[Closing] = struct_field(list[Closing], default=list)
    appeal: Appeal | None = struct_field(Appeal)
    ratings: list[Rating] = struct_field(list[Rating], default=list)
    ratings_seen = IntField(default=0)
    merged_into = StringField()
    before_merge = StringField()
    moved: list[Joined] = struct_field(list[Joined], default=list)
    absorbed: list[Absorbed] = struct_field(list[Absorbed], default=list)
    suggestions: list[Suggestion] = struct_field(list[Suggestion], default=list)
    dismissed: list[Dismissal] = struct_field(list[Dismissal], default=list)
    confirmed = BooleanField()
    rounds_done = IntField(default=0)
    revised_late = BooleanField()
    revised: list[str] = ListField(StringField())
    escalated_by: list[str] = ListField(StringField())
    entered_later = BooleanField()
    desk: dict[str, datetime] = struct_field(dict[str, datetime], default=dict)
    desk_kind = StringField()
    desk_key = StringField()
    reopenings = IntField(default=0)
    restorations = IntField(default=0)
    last_ended_at = DateTimeField()
    again_since = DateTimeField()
    excused = BooleanField(default=False)
    difficult = BooleanField(default=False)
    closed_at = DateTimeField()
    retained_since = DateTimeField()
    anonymised_at = DateTimeField()
    forgotten = ListField(StringField())
    reasons: dict[str, Reason] = struct_field(dict[str, Reason], default=dict)
    history: list[CaseStep] = struct_field(list[CaseStep], default=list)

    @property
    def demanded_by(self) -> datetime | None:
        """The earliest moment until when one of its senders wants something of it; None where none names one."""
        return min((one.demanded_by for one in self.joined if one.demanded_by), default=None)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it, but for a reopening."""
        return CaseStatus(self.status) in ENDED

    def state(self) -> CaseState:
        """The public state, as its events carry it."""
        return CaseState(
            case_id=self.id,
            number=self.number,
            status=CaseStatus(self.status),
            category=self.category,
            place_path=self.place_path,
            urgency=Urgency(self.urgency),
            request_kind=RequestKind(self.request_kind),
            channels=list(dict.fromkeys(one.channel for one in self.joined)),
            reports=len(self.joined),
            filed_at=self.filed_at,
            limit_amount=self.limit_amount,
            limit_clock=self.limit_clock,
            responsible_unit=self.responsible_unit,
            task_id=self.task_id,
            dispatches=self.dispatches,
            returns=self.returns,
            reworks=self.reworks,
            closed_at=self.closed_at,
            limit_row=self.limit_row,
            default_unit=self.default_unit,
            subject=self.first_subject,
            merged_into=self.merged_into,
            reopenings=self.reopenings,
            restorations=self.restorations or 0,
            last_ended_at=self.last_ended_at,
            again_since=self.again_since,
            excused=bool(self.excused),
            difficult=bool(self.difficult),
            demanded_by=self.demanded_by,
        )

    def decided(self) -> Decided:
        """What triage, or an officer after it, decided."""
        return Decided(
            category=self.category,
            category_name=self.category_name,
            place_path=self.place_path,
            urgency=Urgency(self.urgency),
            request_kind=RequestKind(self.request_kind),
            subject=self.first_subject or "",
            standard_row=self.limit_given.standard_row if self.limit_given else None,
        )

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        last = self.history[-1]
        return {"changed_by": last.by, "changed_at": last.at.isoformat(), "changed_what": last.what}

    def _limited(self, limit: Limit | None) -> None:
        self.limit_amount, self.limit_clock = (limit.amount, limit.clock) if limit else (None, None)
        self.limit_row, self.default_unit = (limit.row, limit.unit) if limit else (None, None)
        self.limit_given = limit.given if limit else None
        if self.limit_given is not None:
            self.reasons = explained(self.reasons, self.limit_given, Urgency(self.urgency))

    @property
    def must_be_verified(self) -> bool:
        """Whether somebody has to look on site before it is filed: everything about it came on channels for which that
        is the rule, and nobody has found it as reported yet."""
        if self.verification is not None and self.verification.found:
            return False
        return all(channel_entries()[one.channel].entry == Entry.VERIFY for one in self.joined)

    @property
    def waits_for_facts(self) -> bool:
        """Whether the citizen was told what is missing, and may still say it."""
        asked = self.facts_asked
        return asked is not None and not asked.expired and not asked.arrived_at and CaseStatus(self.status) in NOT_BEGUN

    @property
    def is_unclear(self) -> bool:
        """Whether triage found no place, no category, or no evidence, and no officer has decided since."""
        return not self.confirmed and unsure(self.category, self.place_path, self.reasons)

    @property
    def has_unheard_answers(self) -> bool:
        """Whether a citizen said of its end that it solves nothing or satisfies nobody, and no officer has seen it."""
        return any(
            one.rated_by == RatingSource.CITIZEN and False in (one.solved, one.satisfied)
            for one in self.ratings[self.ratings_seen or 0 :]
        )

    def _hear_answers(self) -> None:
        """An officer has seen all that citizens said so far."""
        self.ratings_seen = len(self.ratings)

    def _file(self, by: str, why: str, at: datetime, cause: str) -> None:
        self._take(Step.FILE)
        self.again_since = at if self.filed_at is not None else self.again_since  # filed anew: its next task begins
        self.filed_at = self.filed_at or at
        self._tell(contracts.CaseFiled(case=self.state()), "立案", by, at, cause, why)

    def _take(self, step: Step) -> None:
        self.status = after(step, CaseStatus(self.status)).value
        self.is_open = None if self.has_ended else True
        self._be_found(not self.has_ended)

    def _be_found(self, findable: bool) -> None:
        """Keep what finds it as a duplicate, or drop it."""
        if not findable:
            self.sketch, self.bands, self.names = None, [], []
        elif not self.sketch:
            for name, trait in stored_traits(self.text, self.address).items():
                setattr(self, name, trait)

    def _warm(self) -> None:
        """Keep its heat where more than one report, or somebody's liking, makes a matter hot."""
        if not self.joined:
            self.heat = None
            return
        heat = heat_of(self.joined)
        self.last_report_at, self.heat_week = heat.last_at, week_of(heat.last_at)
        self.heat = heat.score(heat_rules()) if heat.reports > 1 or heat.likes > 0 else None

    def _tell(self, event: Event, what: str, by: str, at: datetime, cause: str, why: str = "") -> None:
        self._warm()
        self.record(event, at=at, cause=cause)
        self.retained_since = (self.retained_since or at) if self.has_ended else None
        self.wakes_at = self.facts_asked.due if self.facts_asked and self.waits_for_facts else None
        self._stand_on_desk(at)
        self.history = [*self.history, CaseStep(version=self.sequence, what=what, by=by, at=at, why=why)]

    def _stand_on_desk(self, at: datetime) -> None:
        self.desk = {kind.value: self.desk.get(kind.value, at) for kind in desk_kinds(self)}
        self.desk_kind, self.desk_key = desk_place(self.desk, Urgency(self.urgency), self.id)
