"""The commands of the desk before a unit works: file, verify, correct, answer, void, ask for facts.

Each names the version it saw, by whom, and why it was given (desk_commands.py says what it may raise).
"""

from datetime import datetime

from infra.calendar import WorkingCalendar
from infra.clock import CITY_ZONE
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.problem import InvalidInput, NotFound
from services.complaints.case import Case
from services.complaints.case_views import said_in
from services.complaints.contracts import CaseView, CategoryView, DraftReply
from services.complaints.corrections import in_words
from services.complaints.desk_commands import By, Commands
from services.complaints.desk_decisions import Decisions, Wanted
from services.complaints.desk_rights import BY_DESK, ON_SITE
from services.complaints.limits import Limit
from services.complaints.reply_templates import draft, template
from services.complaints.standard.limiting import Limits
from services.complaints.terms import term_end
from services.complaints.triage.category import Lexicon

DESK = BY_DESK.roles
UNTRUE = "untrue"
AS_IT_IS = Wanted()


class Desk:
    """What an officer of a hotline's desk or of the city's office can do with a case before a unit begins."""

    def __init__(
        self, commands: Commands, registry: Registry, lexicon: Lexicon, limits: Limits, calendar: WorkingCalendar
    ) -> None:
        self._commands, self._registry, self._lexicon = commands, registry, lexicon
        self._limits, self._calendar, self._decisions = limits, calendar, Decisions(registry, lexicon)

    def categories(self) -> list[CategoryView]:
        """What the category of a case can be corrected to."""
        known = self._lexicon.categories.values()
        return [CategoryView(code=one.code, subject=one.subject, name=one.name) for one in known]

    def answer(
        self, case_id: str, seen: int, by: By, reply: str, cause: str, answered_as: str | None = None
    ) -> CaseView:
        """答复: answered directly, by one of the templates."""
        if answered_as is not None:
            template(answered_as, "answered_as")

        def answer(case: Case, who: str, now: datetime) -> None:
            case.answer(who, reply, answered_as, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, answer)

    def void(self, case_id: str, seen: int, by: By, reason: str, cause: str, code: str = "other") -> CaseView:
        """作废, with a reason and its code."""

        def void(case: Case, who: str, now: datetime) -> None:
            case.void(who, reason, code, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, void)

    def file(self, case_id: str, seen: int, by: By, cause: str, wanted: Wanted = AS_IT_IS) -> CaseView:
        """立案, correcting what is wanted otherwise."""

        def file(case: Case, who: str, now: datetime) -> None:
            limit, said = self._overruled(case, who, wanted, now)
            case.file(who, limit=limit, at=now, cause=cause, why=said)

        return self._commands.give(case_id, seen, by, file)

    def verify(
        self,
        case_id: str,
        seen: int,
        by: By,
        found: bool,
        note: str,
        cause: str,
        reply: str | None = None,
        wanted: Wanted = AS_IT_IS,
    ) -> CaseView:
        """核实 on site: as reported, it is filed, correcting what is wanted otherwise; not, it is answered with `reply`
        where one is given, else voided. Only the desk corrects: who was on site may have the duty afterwards."""
        if not isinstance(found, bool):
            raise InvalidInput("found must be true or false", "须注明是否属实", field="found")
        if not found and wanted != AS_IT_IS:
            raise InvalidInput("what is not as reported is not corrected", "核实不属实的，不作更正", field="found")

        def verify(case: Case, who: str, now: datetime) -> None:
            limit, said = self._overruled(case, who, wanted, now)
            case.verify(who, found, note, limit=limit, at=now, cause=cause, why=said)
            if not found and reply is not None:
                case.answer(who, reply, at=now, cause=cause)
            elif not found:
                case.void(who, note, UNTRUE, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, verify, ON_SITE if wanted == AS_IT_IS else BY_DESK)

    def return_for_facts(self, case_id: str, seen: int, by: By, missing: list[str], cause: str) -> CaseView:
        """一次性告知: says once all that is missing, and by when."""

        def ask(case: Case, who: str, now: datetime) -> None:
            case.ask_for_facts(who, missing, due=term_end("facts", now, self._calendar), at=now, cause=cause)

        return self._commands.give(case_id, seen, by, ask)

    def correct(self, case_id: str, seen: int, by: By, cause: str, wanted: Wanted) -> CaseView:
        """更正: overrule what triage decided about a filed case, as long as no unit has begun."""

        def correct(case: Case, who: str, now: datetime) -> None:
            decided = self._decisions.about(case, wanted)
            limit = self._limits.for_case(case, decided, now)
            case.correct(who, decided, limit=limit, at=now, cause=cause)

        return self._commands.give(case_id, seen, by, correct)

    def draft_reply(self, case_id: str, code: str, fields: dict[str, str], by: By) -> DraftReply:
        """A reply for the case by the template `code`, with what is known and the officer's `fields`."""
        self._commands.allowed(case_id, by)
        case = Case.objects(id=case_id).exclude("outbox").first()
        if case is None:
            raise NotFound(f"there is no Case {case_id}", f"没有编号为 {case_id} 的记录")
        if not isinstance(fields, dict):
            raise InvalidInput("fields must be an object", "填写内容有误", field="fields")
        return draft(code, self._known(case, Officer.from_json(by)) | fields)

    def _overruled(self, case: Case, who: str, wanted: Wanted, now: datetime) -> tuple[Limit, str]:
        """Correct a case that is about to be filed; its limit then, and what was corrected, in words."""
        decided = self._decisions.about(case, wanted)
        limit = self._limits.for_case(case, decided, now)
        return limit, in_words(case.overrule(decided, who))

    def _known(self, case: Case, officer: Officer) -> dict[str, str]:
        asked = case.facts_asked
        receipts = [one.receipt for one in case.joined or case.moved]
        return {
            "receipt": "、".join(receipts),
            "case_number": case.number,
            "title": said_in(case, "title"),
            "unit": self._registry.name(case.responsible_unit or officer.unit),
            "content": case.proposed_reply or "",
            "missing": "；".join(asked.missing) if asked else "",
            "due": f"{asked.due.astimezone(CITY_ZONE):%Y年%m月%d日}" if asked else "",
        }
