"""The post room: takes what is due, hands it to the mail server, writes down what became of it.

Several may work at once. Each claims deliveries for the time of a lease; what a crash left claimed is due again when
the lease is over. Between the server's answer and our note lies a moment in which a crash makes us send again: the
Message-ID is then the same.
"""

import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo import ASCENDING
from pymongo.errors import PyMongoError

from infra.clock import Clock, WallClock
from infra.messaging.store import Store
from infra.mongo import DURABLE
from infra.organisation.registry import Registry
from services.notify.bulletin import Bulletin
from services.notify.channels.email import Letter, MailServer, MailSession
from services.notify.channels.failures import Final, Retryable
from services.notify.contacts import Recipient, find_recipients
from services.notify.contracts import DeliveryStatus
from services.notify.delivery import Delivery
from services.notify.draft import CONFIDENTIAL, NOTICES, TITLES
from services.notify.notice import Notice
from services.notify.rendering import Rendered, with_forwarding

LANES = 4  # connections to the mail server at the same time
BATCH = 50  # deliveries claimed at once, for one connection
LEASE = timedelta(seconds=90)  # half of it is for beginning letters, half for the last one begun
NOBODY = "通讯录中没有该单位及其上级的联系人"
NOBODY_OF_ITS_OWN = "本件保密，只送该单位本身，通讯录中没有其联系人"

log = logging.getLogger(__name__)


class Outcome(msgspec.Struct, frozen=True):
    """What became of one letter: `failure` None means that the server took it."""

    recipient: str
    failure: Retryable | Final | None


class PostRoom:
    """Sends what is due. `office` is the sender's name, `clock` the city's, `wall` counts leases and retries."""

    def __init__(
        self,
        store: Store,
        server: MailServer,
        registry: Registry,
        office: str,
        clock: Clock,
        *,
        wall: Clock | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self._store, self._server, self._registry, self._office = store, server, registry, office
        self._clock, self._wall, self._lease = clock, wall or WallClock(), lease

    def send_all_due(self, seconds: float = 5.0, lanes: int = LANES) -> None:
        """Send batch after batch, over `lanes` connections at once, until nothing is due or the time is over."""
        until = self._wall.now() + timedelta(seconds=seconds)
        threads = [threading.Thread(target=self._send_until, args=(until,)) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send_until(self, until: datetime) -> None:
        try:
            while self.send_due() and self._wall.now() < until:
                pass
        except PyMongoError as error:
            log.warning("the post room stops for this turn, the database failed: %s", error)

    def send_due(self, batch: int = BATCH) -> int:
        """Claim at most `batch` deliveries that are due and try each once; returns how many were tried."""
        claim = uuid.uuid4().hex
        claimed = self._claim(claim, batch)
        if claimed:
            self._send(claim, claimed)
        return len(claimed)

    def _claim(self, claim: str, batch: int) -> list[dict[str, Any]]:
        """Two who claim at the same moment never get the same one: the second update no longer finds it due."""
        deliveries = Delivery._get_collection().with_options(write_concern=DURABLE)
        now = self._wall.now()
        due: dict[str, Any] = {"status": DeliveryStatus.PENDING, "due_at": {"$lte": now}}
        ids = [one["_id"] for one in deliveries.find(due, {"_id": 1}).sort("due_at", ASCENDING).limit(batch)]
        if not ids:
            return []
        lease = {"$set": {"claim": claim, "due_at": now + self._lease}, "$inc": {"version": 1}}
        deliveries.update_many({"_id": {"$in": ids}} | due, lease)
        return list(deliveries.find({"claim": claim}))

    def _send(self, claim: str, claimed: Sequence[dict[str, Any]]) -> None:
        book = find_recipients(one["unit"] for one in claimed)
        until = self._wall.now() + self._lease / 2
        recipients = {one["_id"]: who for one in claimed if (who := _reader(one, book)) is not None}
        unread = [one for one in claimed if one["_id"] not in recipients]
        outcomes = [self._no_reader(claim, one) for one in unread]
        letters = [one for one in claimed if one["_id"] in recipients]
        if letters:
            outcomes += self._send_letters(claim, letters, recipients, until)
        _report(outcomes)

    def _no_reader(self, claim: str, delivery: dict[str, Any]) -> Outcome:
        outcome = Outcome("", Retryable(NOBODY_OF_ITS_OWN if delivery["kind"] in CONFIDENTIAL else NOBODY))
        self._write_down(claim, [delivery["_id"]], outcome)
        return outcome

    def _send_letters(
        self, claim: str, claimed: Sequence[dict[str, Any]], recipients: Mapping[str, Recipient], until: datetime
    ) -> list[Outcome]:
        documents = _documents(claimed)
        outcomes: list[Outcome] = []
        with MailSession(self._server) as session:
            for one in claimed:
                if self._wall.now() > until:
                    log.warning(
                        "the mail server is slow: %d letters wait for the next turn", len(claimed) - len(outcomes)
                    )
                    break
                letter = self._letter(one, documents[one["document_id"]], recipients[one["_id"]])
                outcomes.append(_try(session, letter))
                # At once and alone: what a crash can make us send twice is one letter.
                self._write_down(claim, [one["_id"]], outcomes[-1])
        return outcomes

    def _letter(self, delivery: dict[str, Any], document: "_Document", recipient: Recipient) -> Letter:
        rendered = document.rendered
        if recipient.stands_in_for(delivery["unit"]):
            addressed, own = (self._registry.name(unit) for unit in (delivery["unit"], recipient.unit))
            remark = f"（{addressed}未登记联系人，本件发至{own}{recipient.name}，请转送{addressed}。）"
            rendered = with_forwarding(rendered, remark)
        return Letter(
            key=delivery["_id"],
            to_name=recipient.name,
            to_address=recipient.email,
            from_name=self._office,
            subject=document.subject,
            text=rendered.text,
            html=rendered.html,
        )

    def _write_down(self, claim: str, delivery_ids: Sequence[str], outcome: Outcome) -> None:
        at, wall = self._clock.now(), self._wall.now()

        def decide(delivery: Delivery) -> None:
            if delivery.claim != claim or delivery.status != DeliveryStatus.PENDING:
                return  # the lease was over and another took it up
            if outcome.failure is None:
                delivery.taken(outcome.recipient, at)
            elif isinstance(outcome.failure, Final):
                delivery.refused(outcome.recipient, str(outcome.failure), at)
            else:
                delivery.put_off(outcome.recipient, str(outcome.failure), wall=wall, at=at)

        self._store.change_many(Delivery, delivery_ids, decide)


def _reader(delivery: dict[str, Any], book: Mapping[str, Recipient]) -> Recipient | None:
    """Who is to read a delivery, by the recipients of units; None where there is nobody, or nobody of the unit itself
    for what nobody else may read."""
    found = book.get(delivery["unit"])
    if found is not None and delivery["kind"] in CONFIDENTIAL and found.stands_in_for(delivery["unit"]):
        return None
    return found


class _Document(msgspec.Struct, frozen=True):
    subject: str
    rendered: Rendered


def _documents(claimed: Sequence[dict[str, Any]]) -> dict[str, _Document]:
    """The documents of the deliveries, each read once."""
    found: dict[str, _Document] = {}
    for kind in (Notice, Bulletin):
        ids = {one["document_id"] for one in claimed if (one["kind"] in NOTICES) == (kind is Notice)}
        fields = ("kind", "number", "title", "text", "html")
        for one in kind._get_collection().find({"_id": {"$in": sorted(ids)}}, fields):
            found[one["_id"]] = _Document(_subject(one), Rendered(text=one["text"], html=one["html"]))
    return found


def _subject(document: dict[str, Any]) -> str:
    heading = f"{TITLES[document['kind']]}：" if document["kind"] in TITLES else ""
    return f"【{document['number']}】{heading}{document['title']}"


def _try(session: MailSession, letter: Letter) -> Outcome:
    recipient = f"{letter.to_name} <{letter.to_address}>"
    try:
        session.send(letter)
    except (Retryable, Final) as failure:
        return Outcome(recipient, failure)
    return Outcome(recipient, None)


def _report(outcomes: Sequence[Outcome]) -> None:
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    if failures:
        log.warning("%d letters were not taken, the first because of: %s", len(failures), failures[0])
