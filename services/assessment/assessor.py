"""The assessor: opens rounds, takes results, publishes rankings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.organisation.registry import Registry
from infra.organisation.unit import UnitKind
from infra.problem import InvalidInput
from services.assessment import framework_version, reading, recording
from services.assessment.contracts import RoundView, Standing
from services.assessment.framework import Framework
from services.assessment.indicators import months_of
from services.assessment.ranking import rank_units
from services.assessment.recording import Recorded, Refusal
from services.assessment.round import Round, check_office
from services.assessment.scoring import SiteScore, score_sites, score_units
from services.assessment.site_results import COLUMNS, CheckedResult, check_row, read_table

LONGEST = 100


class Assessor:
    """The rounds of one city. `clock` dates what happens."""

    def __init__(self, store: Store, registry: Registry, clock: Clock) -> None:
        self._store, self._registry, self._clock = store, registry, clock

    def open_round(
        self, round_id: str, title: str, period: str, framework: Framework, *, by: Officer, cause: str
    ) -> RoundView:
        """Open a round on `framework`; the same id again gives the round that is there.

        Raises InvalidInput, Forbidden, and Refused where this version of the framework was used with another content.
        """
        for field, value in (("round_id", round_id), ("title", title)):
            if not value.strip() or len(value) > LONGEST or "/" in value:
                detail = f"{field} is empty, over {LONGEST} characters or has a '/'"
                raise InvalidInput(detail, f"轮次编号或名称为空、超过{LONGEST}字或含“/”", field=field)
        months_of(period)
        new = Round.open(round_id, title, period, framework, by=by, at=self._clock.now(), cause=cause)

        def work(session: ClientSession) -> None:
            framework_version.keep(framework, session)
            self._store.insert(new, session=session)

        self._store.in_transaction(work)
        return reading.round_view(round_id)

    def record_results(self, round_id: str, rows: Sequence[Mapping[str, Any]], *, by: Officer, cause: str) -> Recorded:
        """Take `rows` into the round, all that can be taken. Raises Forbidden, NotFound, Refused (published)."""
        check_office(by)
        opened = reading.round_view(round_id)
        framework = framework_version.kept_framework(opened.framework, opened.framework_version)
        good: list[tuple[int, CheckedResult]] = []
        refused: list[Refusal] = []
        for index, row in enumerate(rows):
            try:
                good.append((index, check_row(row, framework, self._registry)))
            except InvalidInput as problem:
                refused.append(Refusal.of(index, problem))
        done = recording.record(self._store, round_id, good, by=by, at=self._clock.now(), cause=cause)
        return Recorded(done.recorded, done.already, sorted([*refused, *done.refused], key=lambda one: one.index))

    def record_table(self, round_id: str, content: bytes, *, by: Officer, cause: str) -> Recorded:
        """Take the rows of a CSV file; a refusal names line and column. Raises also InvalidInput (not a table)."""
        lines = read_table(content)
        done = self.record_results(round_id, [row for _, row in lines], by=by, cause=cause)
        return Recorded(done.recorded, done.already, [_in_the_table(refusal, lines) for refusal in done.refused])

    def publish_round(self, round_id: str, seen: int, *, by: Officer, cause: str) -> RoundView:
        """Score, rank and publish what the officer has seen. Raises InvalidInput (no `seen`), Forbidden, NotFound,
        Stale (also where a colleague recorded results since), and Refused (published, or without results)."""
        check_seen(seen)

        def decide(found: Round) -> RoundView:
            sites = score_sites(recording.results_of(round_id), self._framework_of(found))
            standings = self._standings(sites, found)
            found.publish(standings, len(sites), by=by, at=self._clock.now(), cause=cause)
            return found.view()

        return self._store.change(Round, round_id, decide, seen=seen)

    def _framework_of(self, found: Round) -> Framework:
        return framework_version.kept_framework(found.framework, found.framework_version)

    def _standings(self, sites: Iterable[SiteScore], found: Round) -> list[Standing]:
        """Of tier 2, then of tier 3, each best first."""
        sites, framework = list(sites), self._framework_of(found)
        before = reading.ranks_before(found.framework, found.pk)
        tiers = (self._registry.second_tier(), self._registry.all(kind=UnitKind.STREET))
        return [
            standing
            for units in tiers
            for standing in rank_units(score_units(sites, [unit.path for unit in units]), framework, before)
        ]


def check_seen(seen: object) -> None:
    """Raises InvalidInput where `seen` is no version."""
    if not isinstance(seen, int) or isinstance(seen, bool):
        raise InvalidInput("seen must be the version that you saw", "必须注明所见版本号", field="seen")


def _in_the_table(refusal: Refusal, lines: Sequence[tuple[int, Mapping[str, str]]]) -> Refusal:
    line, column = lines[refusal.index][0], COLUMNS.get(refusal.field, refusal.field)
    return msgspec.structs.replace(
        refusal,
        line=line,
        field=column,
        detail=f"line {line}, {column}: {refusal.detail}",
        detail_zh=f"第{line}行“{column}”：{refusal.detail_zh}",
    )
