"""What becomes of the words of a case when a report is erased, and when the retention rule anonymises it.

Counted is what stands in the public state; none of it changes. Fields that hold somebody's words are named here, and a
test asks of every field of a case whether it is one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from services.complaints import contracts
from services.complaints.case_together import CaseTogether
from services.complaints.contracts import Reason
from services.complaints.hiding import Span
from services.complaints.joined_reports import erased_reason, stored_traits, without_words, words_of
from services.complaints.report import ERASED_TITLE
from services.complaints.work_order import Content

WORDS = ("proposed_reply", "reply", "closing_condition", "void_reason")
STRUCTS = ("history", "closings", "appeal", "verification", "facts_asked", "suggestions", "dismissed", "tasks")
MEMBERS = frozenset({"why", "condition", "reply", "reason", "decision", "note", "missing", "result"})
ERASED = "来件已删除"
_KEPT = (datetime, bytes)

Clean = Callable[[str], str]


class CasePrivacy(CaseTogether):
    """Forgetting."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    def forget(
        self, report_id: str, others: Content | None, clean: Clean, *, by: str, why: str, at: datetime, cause: str
    ) -> bool:
        """来件已删除: take out what the report `report_id` said; False where nothing was left to take out.

        The words of a case are those of the report that opened it: instead come those of another report of the case,
        `others`, or none. What officers wrote stays, cleaned.
        """
        if report_id in self.forgotten:
            return False
        if self._speaks_with(report_id):
            self._say(others or Content(title=ERASED_TITLE, text=""))
            self.reasons = {name: erased_reason(one) for name, one in self.reasons.items()}
        self._forget_why(one.receipt for one in (*self.joined, *self.moved) if one.report_id == report_id)
        self._clean(clean)
        self.joined = [one if one.report_id != report_id else without_words(one) for one in self.joined]
        self.moved = [one if one.report_id != report_id else without_words(one) for one in self.moved]
        self.forgotten = [*self.forgotten, report_id]
        self._tell(contracts.CaseRevised(case=self.state(), what=ERASED), ERASED, by, at, cause, clean(why))
        return True

    def anonymise(self, clean: Clean, at: datetime) -> bool:
        """匿名化: what stands in an ended case loses its people; False where it has not ended. Tells nobody: nothing
        that anybody counts or shows elsewhere has changed."""
        if not self.has_ended:
            self.retained_since = None
            return False
        self.title, self.text, self.address = clean(self.title), clean(self.text), clean(self.address)
        self.hidden = {}
        self.declared_category = clean(self.declared_category or "")
        self.point, self.words_key = [], stored_traits(self.text, self.address)["words_key"]
        self.reasons = {
            name: Reason(clean(one.text_zh), [clean(said) for said in one.evidence], one.by)
            for name, one in self.reasons.items()
        }
        self._clean(clean)
        self.joined = [without_words(one) for one in self.joined]
        self.moved = [without_words(one) for one in self.moved]
        self.anonymised_at = self.anonymised_at or at
        return True

    def retention_done(self) -> None:
        """Nothing of it is retained any more, unless something was said again or it was reopened meanwhile."""
        if self.has_ended and self.anonymised_at is not None:
            self.retained_since = None

    def work_out(self, hidden: dict[str, list[Span]], photos: dict[str, int]) -> bool:
        """What a case from before these fields lacks (older_documents.py); False where it lacks nothing."""
        before = self.retained_since, self.hidden, self.joined
        if self.anonymised_at is None:
            self.retained_since = self.retained_since or (self._ended_at() if self.has_ended else None)
            self.hidden = self.hidden or hidden
        self.joined = [msgspec.structs.replace(one, photos=photos.get(one.report_id, 0)) for one in self.joined]
        return before != (self.retained_since, self.hidden, self.joined)

    def _ended_at(self) -> datetime:
        last = self.history[-1].at if self.history else self.received_at
        return self.closed_at or self.replied_at or last

    def _speaks_with(self, report_id: str) -> bool:
        """Whether the words of the case are that report's."""
        first = next(iter(self.joined or self.moved), None)
        return first is None or first.report_id == report_id

    def _say(self, content: Content) -> None:
        for name, words in words_of(content).items():
            setattr(self, name, words)
        self._be_found(not self.has_ended)

    def _clean(self, clean: Clean) -> None:
        for name in WORDS:
            if said := getattr(self, name):
                setattr(self, name, clean(said))
        for name in STRUCTS:
            if said := getattr(self, name):
                plain = _cleaned(msgspec.to_builtins(said, builtin_types=_KEPT), clean)
                setattr(self, name, msgspec.convert(plain, type(self)._fields[name].kind, builtin_types=_KEPT))


def _cleaned(value: Any, clean: Clean, words: bool = False) -> Any:
    """`value` with every text cleaned that stands under the name of a member that holds words."""
    if isinstance(value, dict):
        return {name: _cleaned(one, clean, name in MEMBERS) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one, clean, words) for one in value]
    return clean(value) if words and isinstance(value, str) else value
