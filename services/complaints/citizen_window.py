"""The citizen's window: how far their report is, and their satisfaction with its end, for a receipt and its query code.

An unknown receipt and a wrong code are one and the same refusal.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import Forbidden, InvalidInput, NotFound, Refused, Unavailable
from services.complaints.case import Case
from services.complaints.case_states import REPLIED
from services.complaints.citizen_answer import CitizenAnswer, answer_id
from services.complaints.citizen_status import status_of
from services.complaints.contracts import CaseStatus, CitizenAnswerView, CitizenStatus, RatingSource, Satisfaction
from services.complaints.desk import DESK
from services.complaints.guesses import Guesses
from services.complaints.masking import masked
from services.complaints.privacy import Vault
from services.complaints.query_code import code_of, fits
from services.complaints.report import Report
from services.complaints.standing import case_holding

LONGEST_RECEIPT = 32
MOST_WORDS = 500  # characters
NoteRead = Callable[[Officer, list[str]], None]
_BLANKS = re.compile(r"\s+")


class CitizenWindow:
    """`name_of` names units; `clock` is the city's; `note_read` records who reads what the citizens with these
    receipts added."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        guesses: Guesses,
        clock: Clock,
        *,
        name_of: Callable[[str], str],
        note_read: NoteRead,
    ) -> None:
        self._note_read = note_read
        self._store, self._vault, self._guesses, self._clock, self._name_of = store, vault, guesses, clock, name_of

    def look(self, receipt: str, code: str, asker: str) -> CitizenStatus:
        """How far the report is; `asker` is who asks, as far as it is known. Raises NotFound (also for a wrong code),
        TooManyGuesses."""
        report = self._open(receipt, code, asker)
        return self._status(report, case_holding(report.id))

    def rate(self, receipt: str, code: str, asker: str, said: Satisfaction, words: str, cause: str) -> CitizenStatus:
        """Take the satisfaction answer; the same once more changes nothing.

        Raises NotFound, TooManyGuesses, InvalidInput (too many words), Refused (no end yet, or answered otherwise).
        """
        report = self._open(receipt, code, asker)
        words = words.strip()
        if len(words) > MOST_WORDS:
            raise InvalidInput(f"more than {MOST_WORDS} characters", f"补充意见最多{MOST_WORDS}字", field="words")
        case = case_holding(report.id)
        if case is None or CaseStatus(case.status) not in REPLIED:
            raise Refused("it has not ended yet", "该事项尚未办结，暂不能评价", field="status")
        answer = self._answer(report, case, said, words)
        if not self._record(answer, said, cause):
            self._repeats(answer, said, report, words)
        return self._status(report, case_holding(report.id))

    def answers(self, case_id: str, by: dict[str, Any]) -> list[CitizenAnswerView]:
        """What citizens said about the ends of this case, the oldest first, to those who follow up: desk and city's
        office, within their unit; recorded before it is shown. Raises InvalidInput, Forbidden, NotFound."""
        officer = Officer.from_json(by)
        place = Case.objects(id=case_id).scalar("place_path").first()
        if officer.role not in DESK or not officer.may_act_for(place or officer.unit):
            raise Forbidden("only the desk and the city's office may read it", "只有热线坐席和市总指挥部办公室可以查看")
        if place is None:
            raise NotFound(f"there is no case {case_id}", f"没有编号为 {case_id} 的案件", field="case_id")
        found = list(CitizenAnswer.objects(case_id=case_id).order_by("at", "id"))
        self._note_read(officer, [one.receipt for one in found if one.sealed_words is not None])
        reports = {one.id: one for one in Report.objects(id__in=[one.report_id for one in found]).only("key")}
        return [self._shown(one, reports.get(one.report_id)) for one in found]

    def _shown(self, answer: CitizenAnswer, report: Report | None) -> CitizenAnswerView:
        words = answer.words(report.key if report else None, self._vault)
        return CitizenAnswerView(
            receipt=answer.receipt, ending=answer.ending, said=answer.said, words=masked(words), at=answer.at
        )

    def _open(self, receipt: str, code: str, asker: str) -> Report:
        """The report, for who knows its code."""
        receipt = _BLANKS.sub("", unicodedata.normalize("NFKC", receipt[:LONGEST_RECEIPT])).upper()
        with self._guesses.one(receipt, asker):
            report = Report.objects(receipt=receipt).exclude("outbox", "versions").first()
            if not fits(code, code_of(report, self._vault) if report else None) or report is None:
                raise NotFound(
                    "there is no such receipt, or its query code is another one", "回执编号或查询码不正确", field="code"
                )
        return report

    def _status(self, report: Report, case: Case | None) -> CitizenStatus:
        rated = None
        if case is not None:
            found = CitizenAnswer.objects(id=answer_id(report.id, case.id, len(case.closings))).only("said").first()
            rated = found.said if found else None
        return status_of(report, case, rated, self._name_of)

    def _answer(self, report: Report, case: Case, said: Satisfaction, words: str) -> CitizenAnswer:
        sealed = None
        if words and report.key is not None:
            (sealed,) = self._vault.seal_more(report.id, report.key, words.encode())
        return CitizenAnswer(
            id=answer_id(report.id, case.id, len(case.closings)),
            report_id=report.id,
            receipt=report.receipt,
            case_id=case.id,
            ending=len(case.closings),
            said=said,
            sealed_words=sealed,
            at=self._clock.now(),
        )

    def _record(self, answer: CitizenAnswer, said: Satisfaction, cause: str) -> bool:
        """The answer and what the case tells of it, both or neither; False where there is an answer already."""

        def work(session: ClientSession) -> bool:
            if not self._store.insert(answer, session=session):
                return False
            self._store.change_many(Case, [answer.case_id], rate, session=session)
            return True

        def rate(case: Case) -> None:
            if len(case.closings) != answer.ending:
                raise Unavailable("it changes at this moment", "该事项正在更新，请稍后再试")
            who = f"市民（{answer.receipt}）"
            answers = (said.contacted, said.solved, said.satisfied)
            case.rate(RatingSource.CITIZEN, *answers, by=who, at=answer.at, cause=cause)

        return self._store.in_transaction(work)

    def _repeats(self, answer: CitizenAnswer, said: Satisfaction, report: Report, words: str) -> None:
        """Pass where the stored answer is the same. Raises Refused."""
        stored = CitizenAnswer.objects(id=answer.id).first()
        if stored is not None and stored.said == said and stored.words(report.key, self._vault) == words:
            return
        raise Refused("this end was rated already", "您已评价过，不能更改", field="satisfied")
