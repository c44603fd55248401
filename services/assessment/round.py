"""A round of assessment: open for results until it is published; then it never changes.

    open ──publish──► published

It speaks: every step checks, changes and tells what happened, without a database.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from infra.messaging.outbox import Aggregate
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, Refused
from services.assessment.contracts import (
    SERVICE,
    ResultsRecorded,
    RoundOpened,
    RoundPublished,
    RoundStatus,
    RoundView,
    Standing,
)
from services.assessment.framework import Framework


class Round(Aggregate):
    """`results` counts the results taken so far, `sites` the sites with results when it was published."""

    noun = "round"
    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "round",
        "indexes": [("status", "framework", "-published_at"), "-opened_at"],
    }

    id = StringField(primary_key=True)
    title = StringField(required=True)
    period = StringField(required=True)
    framework = StringField(required=True)
    framework_version = IntField(required=True)
    status = StringField(required=True, default=RoundStatus.OPEN)
    opened_at = DateTimeField(required=True)
    results = IntField(default=0)
    sites = IntField(default=0)
    published_at = DateTimeField()
    standings = ListField(DictField())
    changed_by = StringField()
    changed_at = DateTimeField()
    changed_what = StringField()

    @staticmethod
    def open(
        id: str, title: str, period: str, framework: Framework, *, by: Officer, at: datetime, cause: str
    ) -> "Round":
        """A new round on `framework`. Raises Forbidden."""
        check_office(by)
        new = Round(
            id=id,
            title=title,
            period=period,
            framework=framework.name,
            framework_version=framework.version,
            opened_at=at,
        )
        new._note("open_round", by, at)
        event = RoundOpened(round_id=id, title=title, framework=framework.name, framework_version=framework.version)
        new.record(event, at=at, cause=cause)
        return new

    def take_results(self, count: int, case_numbers: Sequence[str], *, by: Officer, at: datetime, cause: str) -> None:
        """Note and tell that `count` more results were taken, which refer to the cases `case_numbers`: whoever
        publishes must have seen it. Raises Refused where it is published."""
        self._check_open()
        if count:
            self.results += count
            self._note("record_results", by, at)
            event = ResultsRecorded(
                round_id=self.pk, recorded=count, results=self.results, case_numbers=tuple(case_numbers)
            )
            self.record(event, at=at, cause=cause)

    def publish(self, standings: Sequence[Standing], sites: int, *, by: Officer, at: datetime, cause: str) -> None:
        """Make the ranking final. Raises Forbidden, and Refused where it is published or has no results."""
        check_office(by)
        self._check_open()
        if not sites:
            raise Refused("the round has no results yet", "本轮测评尚无点位结果，不能公布")
        self.status, self.published_at, self.sites = RoundStatus.PUBLISHED, at, sites
        self.standings = msgspec.to_builtins(list(standings))
        self._note("publish_round", by, at)
        event = RoundPublished(
            round_id=self.pk,
            title=self.title,
            framework=self.framework,
            framework_version=self.framework_version,
            period=self.period,
            published_at=at,
            standings=list(standings),
        )
        self.record(event, at=at, cause=cause)

    def view(self, sites: int | None = None) -> RoundView:
        """What the RPC returns; `sites` is the number of sites so far, where it is not published yet."""
        return RoundView(
            round_id=self.pk,
            version=self.sequence,
            title=self.title,
            period=self.period,
            framework=self.framework,
            framework_version=self.framework_version,
            status=RoundStatus(self.status),
            sites=self.sites if sites is None else sites,
            published_at=self.published_at,
            standings=[msgspec.convert(one, Standing) for one in self.standings],
        )

    def last_change(self) -> dict[str, Any]:
        """See Aggregate.last_change."""
        at = self.changed_at.isoformat() if self.changed_at else None
        return {"changed_by": self.changed_by, "changed_at": at, "changed_what": self.changed_what}

    def _check_open(self) -> None:
        if self.status != RoundStatus.OPEN:
            raise Refused(f"the round {self.pk} is published", f"测评轮次 {self.pk} 已公布，不能再修改")

    def _note(self, what: str, by: Officer, at: datetime) -> None:
        self.changed_what, self.changed_by, self.changed_at = what, by.name, at


def check_office(by: Officer) -> None:
    """Raises Forbidden unless the city's office asks: only it opens, records and publishes."""
    if by.role != Role.CITY_OFFICE:
        raise Forbidden("only the city's office assesses", "只有市总指挥部办公室可以组织测评", field="by")
