"""Erasure of a report on request: its keys are destroyed, its words leave the report, the case and the misfits.

What stays: that there was a report, when, where it was counted, and the record of the erasure. It can be repeated at
any time and completes what was left undone. Report and case change in one transaction; where triage takes in a report
at that very moment, it looks afterwards whether it was erased (`catch_up`), so that one of the two sees the other.
"""

import functools
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, InvalidInput, NotFound
from services.complaints.anonymising import anonymised, known_words
from services.complaints.case import Case
from services.complaints.case_entry import case_id_for
from services.complaints.citizen_answer import CitizenAnswer
from services.complaints.contracts import ErasureView
from services.complaints.privacy import CannotOpen, Vault
from services.complaints.refused import Misfit
from services.complaints.report import Erased, Report
from services.complaints.work_order import Content

LONGEST = 200  # characters of a reason
AT_ONCE = 200  # misfits
Clean = Callable[[str], str]


class Erasure:
    """Forgets reports."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def erase(self, receipt: str, by: dict[str, Any], reason: str, cause: str) -> ErasureView:
        """Erase the report with this receipt, for the city's office. Raises InvalidInput, Forbidden, NotFound."""
        officer, why = Officer.from_json(by), _reason(reason)
        if officer.role != Role.CITY_OFFICE:
            raise Forbidden("only the city's office may erase", "只有市总指挥部办公室可以删除来件")
        report = Report.objects(receipt=str(receipt)).exclude("outbox").first()
        if report is None:
            raise NotFound(f"no report {receipt!r}", f"没有回执号为{receipt}的来件", field="receipt")
        clean = self.cleaner([report])
        record = Erased(
            at=self._clock.now(), role=officer.role.value, unit=officer.unit, name=officer.name, reason=clean(why)
        )
        cases, record = self._forget(report.id, record, clean, cause)
        self._forget_answers(report.id)
        misfits = self._forget_misfits(report)
        return ErasureView(
            receipt=report.receipt,
            erased_at=record.at,
            by=f"{record.name}（{record.unit}）",
            reason=record.reason,
            cases=cases,
            misfits=misfits,
        )

    def catch_up(self, report_ids: Iterable[str]) -> None:
        """Take the words of erased reports out of the cases that were given them at the same time."""
        for report in Report.objects(id__in=list(report_ids), erased__exists=True).exclude("outbox"):
            self._forget(report.id, report.erased, anonymised, "erasure")

    def cleaner(self, reports: Iterable[Report]) -> Clean:
        """What takes people out of a text, knowing what these reports sealed. What does not open is not known."""
        fields = [personal for report in reports for personal in self.sealed_in(report)]
        return functools.partial(anonymised, known=known_words(fields))

    def sealed_in(self, report: Report) -> list[dict[str, str]]:
        """The personal data of each of its versions; nothing where that does not open any more."""
        if report.key is None:
            return []
        try:
            opened = [self._vault.open(report.id, report.key, one.sealed_personal) for one in report.versions]
        except CannotOpen:
            return []
        return [msgspec.json.decode(one, type=dict[str, str]) for one in opened]

    def _forget(self, report_id: str, record: Erased, clean: Clean, cause: str) -> tuple[int, Erased]:
        """In one transaction, the report and the cases that say what it said: how many, and the record that counts."""

        def work(session: Any) -> tuple[int, Erased]:
            def erase(report: Report) -> Erased:
                report.erase(record)
                assert report.erased is not None
                return report.erased

            kept = self._store.change(Report, report_id, erase, session=session)
            changed = self._store.change_many(
                Case,
                _cases_of(report_id),
                lambda case: case.forget(
                    report_id,
                    _another(case, report_id),
                    clean,
                    by=kept.name,
                    why=kept.reason,
                    at=self._clock.now(),
                    cause=cause,
                ),
                session=session,
            )
            return sum(changed.values()), kept

        return self._store.in_transaction(work)

    def _forget_answers(self, report_id: str) -> None:
        """What the citizen added to their satisfaction is sealed with the key that is gone: it goes as well."""

        def forget(answer: CitizenAnswer) -> None:
            answer.sealed_words = None

        for answer in CitizenAnswer.objects(report_id=report_id, sealed_words__exists=True).only("id"):
            self._store.change(CitizenAnswer, answer.id, forget)

    def _forget_misfits(self, report: Report) -> int:
        """The misfits of its channel that speak of its number: each is opened to see, there is no list of them."""
        found = 0
        kept = Misfit.objects(channel=report.channel, key__exists=True).exclude("outbox").batch_size(AT_ONCE)
        for misfit in kept:
            time.sleep(0)  # let a hotline's push have its turn
            became = misfit.end.report_id if misfit.end else None
            if became == report.id or self._speaks_of(misfit, report.external_id):
                found += self._store.change(Misfit, misfit.id, Misfit.erase)
        return found

    def _speaks_of(self, misfit: Misfit, external_id: str) -> bool:
        assert misfit.key is not None
        try:
            raw = self._vault.open(misfit.id, misfit.key, misfit.sealed_raw)
        except CannotOpen:
            return False
        said = raw.decode("utf-8", "replace") + raw.decode("unicode_escape", "replace")
        return re.search(rf"(?<!\w){re.escape(external_id)}(?!\w)", said) is not None


def _cases_of(report_id: str) -> list[str]:
    """The case that it is in, and the one that it opened: merging leaves its words there."""
    held = Case._get_collection().find({"joined.report_id": report_id}, {"_id": 1})
    return list({case_id_for(report_id), *(case["_id"] for case in held)})


def _another(case: Case, report_id: str) -> Content | None:
    """The words of the oldest other report of the case that has any."""
    others = [one.report_id for one in case.joined if one.report_id != report_id]
    found = Report.objects(id__in=others, erased__exists=False).order_by("received_at", "id").first()
    return found.latest.content if found else None


def _reason(reason: str) -> str:
    said = reason.strip() if isinstance(reason, str) else ""
    if not 2 <= len(said) <= LONGEST:
        raise InvalidInput(
            f"say why it is erased, in 2 to {LONGEST} characters", f"须写明删除理由（2至{LONGEST}字）", field="reason"
        )
    return said
