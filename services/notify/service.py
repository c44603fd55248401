"""notify: what was said to whom. The table of contents: what it hears, what it does by itself, what it answers."""

from typing import Any

from nameko.timer import timer

from infra.messaging.event import Received
from infra.messaging.handler import handles
from infra.messaging.rpc import rpc
from infra.organisation.officer import Officer
from infra.problem import Problem
from infra.reconciliation.provider import BooksProvider, KeepsBooks
from services.assessment.contracts import RoundPublished
from services.complaints.contracts import HotspotDetected
from services.notify import hotspot_notice, reading, supervision_notice, task_notice
from services.notify.books import BOOKS
from services.notify.contacts import import_contacts
from services.notify.contracts import SERVICE, BulletinView, NoticeView
from services.notify.rooms import Rooms, RoomsProvider
from services.tasks.contracts import (
    AccountabilityProposed,
    SupervisionAcknowledged,
    SupervisionAnswered,
    SupervisionClosed,
    SupervisionOpened,
    SupervisionReturned,
    TaskAssigned,
    TaskDueSoon,
    TaskOverdue,
)


class NotifyService(KeepsBooks):
    """See README.md of this package."""

    name = SERVICE
    rooms: Rooms = RoomsProvider()
    keeper = BooksProvider(BOOKS)

    @handles(TaskAssigned, batch=50, pace=0.1)
    def on_task_assigned(self, batch: list[Received[TaskAssigned]]) -> None:
        """交办单: every assignment in exactly one notice."""
        self.rooms.issuing.issue_notices(task_notice.assigned, batch)

    @handles(TaskDueSoon, batch=50)
    def on_task_due_soon(self, batch: list[Received[TaskDueSoon]]) -> None:
        """整改提醒: one for every deadline that comes near."""
        self.rooms.issuing.issue_notices(task_notice.due_soon, batch)

    @handles(TaskOverdue, batch=50)
    def on_task_overdue(self, batch: list[Received[TaskOverdue]]) -> None:
        """整改提醒: one for every deadline that was missed."""
        self.rooms.issuing.issue_notices(task_notice.overdue, batch)

    @handles(SupervisionOpened, batch=50)
    def on_supervision_opened(self, batch: list[Received[SupervisionOpened]]) -> None:
        """督办通知单: every order in exactly one notice; its issuer is told."""
        self.rooms.issuing.issue_notices(supervision_notice.opened, batch)

    @handles(
        SupervisionAcknowledged,
        SupervisionAnswered,
        SupervisionReturned,
        SupervisionClosed,
        queue="supervision_news",
        batch=50,
    )
    def on_supervision_moved(self, batch: list[Received[Any]]) -> None:
        """督办情况通知: every step of an order, to its issuer and the unit."""
        self.rooms.issuing.issue_notices(supervision_notice.moved, batch)

    @handles(AccountabilityProposed, batch=50)
    def on_accountability_proposed(self, batch: list[Received[AccountabilityProposed]]) -> None:
        """责任倒查线索移送单, to the headquarters' office alone."""
        self.rooms.issuing.issue_notices(supervision_notice.clue, batch)

    @handles(HotspotDetected, batch=50)
    def on_hotspot_detected(self, batch: list[Received[HotspotDetected]]) -> None:
        """热点问题提示: every episode, to the district and the headquarters' office."""
        self.rooms.issuing.issue_notices(hotspot_notice.grown, batch)

    @handles(RoundPublished)
    def on_round_published(self, received: Received[RoundPublished]) -> None:
        """测评通报 to everybody who was ranked."""
        self.rooms.issuing.issue_ranking(received)

    @timer(interval=1)
    def send_what_is_due(self) -> None:
        """The post goes out here, never inside the handling of an event."""
        if self.rooms.post is not None:
            self.rooms.post.send_all_due()

    @rpc(expected_exceptions=Problem)
    def import_contacts(self, rows: list[dict[str, Any]], by: dict[str, Any], cause: str) -> dict[str, int]:
        """See contracts.py."""
        return {"imported": import_contacts(rows, Officer.from_json(by), self.rooms.registry)}

    @rpc(expected_exceptions=Problem)
    def retry_mail(self, failed: bool, by: dict[str, Any], cause: str) -> dict[str, int]:
        """See contracts.py."""
        return {"due": self.rooms.resending.retry(failed=failed, by=Officer.from_json(by))}

    @rpc(expected_exceptions=Problem)
    def recent_bulletins(self, units: list[str], first: int) -> dict[str, list[BulletinView]]:
        """See contracts.py."""
        return reading.recent_bulletins(units, first)

    @rpc(expected_exceptions=Problem)
    def bulletin(self, bulletin_id: str) -> BulletinView:
        """See contracts.py."""
        return reading.bulletin(bulletin_id)

    @rpc(expected_exceptions=Problem)
    def notices(self, unit: str, first: int) -> list[NoticeView]:
        """See contracts.py."""
        return reading.notices(unit, first)

    @rpc(expected_exceptions=Problem)
    def totals(self) -> dict[str, Any]:
        """See contracts.py."""
        return reading.totals()
