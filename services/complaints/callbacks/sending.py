"""Claims what is due for one hotline, sends it, writes down what became of it.

Several may work at once: each claims a line (the callbacks of one report) for the time of a lease. That the hotline
took it is written down before anything else; a crash, or a lease that ends, before that moment makes us send again,
with the same `Idempotency-Key`.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

import msgspec

from infra.clock import Clock
from infra.messaging.store import Store
from infra.mongo import DURABLE
from infra.signature import signed_headers
from services.complaints.callbacks.address import Address
from services.complaints.callbacks.body import Wording
from services.complaints.callbacks.line import Callback, CallbackLine
from services.complaints.callbacks.retry import asked_for, wait
from services.complaints.callbacks.wire import Answer, Unreachable, Wire
from services.complaints.contracts import CallbackStatus

LEASE = timedelta(seconds=90)  # longer than one request can take
CANDIDATES = 20  # lines looked at for one that nobody else claims
FINAL = frozenset({400, 410, 413, 415, 422})  # the hotline says that no repetition will help
ASKS_TO_WAIT = frozenset({429, 503})
NO_SECRET = "未配置回调密钥"
log = logging.getLogger(__name__)


class Tried(msgspec.Struct, frozen=True):
    """What one try showed of the hotline: whether it answered at all, and for how long it wants to be left alone."""

    answered: bool
    pause: timedelta | None = None


class Sender:
    """Sends to one hotline. `wall` is the clock of leases and retries, `chance` gives numbers from 0 to 1."""

    def __init__(
        self,
        store: Store,
        address: Address,
        wire: Wire,
        wording: Wording,
        *,
        wall: Clock,
        chance: Callable[[], float],
        lease: timedelta = LEASE,
    ) -> None:
        self._store, self._address, self._wire, self._wording = store, address, wire, wording
        self._wall, self._chance, self._lease = wall, chance, lease

    @property
    def name(self) -> str:
        """The channel."""
        return self._address.channel.value

    def send_one(self) -> Tried | None:
        """Claim one line that is due and try its next callback once; None where nothing is due."""
        line = self._claim()
        if line is None:
            return None
        callback = line.next
        assert callback is not None
        try:
            answer = self._post(line, callback)
        except Unreachable as failure:
            self._put_off(line, callback, str(failure), None)
            return Tried(answered=False)
        return self._judge(line, callback, answer)

    def _claim(self) -> CallbackLine | None:
        """Two who claim at the same moment never get the same one: the second update no longer finds it due."""
        lines = CallbackLine._get_collection().with_options(write_concern=DURABLE)
        now, claim = self._wall.now(), uuid.uuid4().hex
        due = {"channel": self.name, "due_at": {"$lte": now}}
        lease = {"$set": {"claim": claim, "due_at": now + self._lease}, "$inc": {"version": 1}}
        for one in lines.find(due, {"_id": 1}).sort("due_at", 1).limit(CANDIDATES):
            if lines.update_one(one | due, lease).modified_count:
                return CallbackLine.objects(id=one["_id"]).first()
        return None

    def _post(self, line: CallbackLine, callback: Callback) -> Answer:
        secret = self._address.secret()
        if not secret:
            raise Unreachable(NO_SECRET)
        body = self._wording.body(line, callback)
        headers = {"Content-Type": "application/json", "Idempotency-Key": callback.id}
        headers |= signed_headers(secret.encode(), int(self._wall.now().timestamp()), body)
        return self._wire.post(self._address.url, body, headers)

    def _judge(self, line: CallbackLine, callback: Callback, answer: Answer) -> Tried:
        if 200 <= answer.status < 300:
            self._write_down(line, lambda stored: stored.taken(callback.id, self._wall.now()), callback, anyhow=True)
            return Tried(answered=True)
        reason = f"HTTP {answer.status}"
        log.warning("%s did not take %s: %s", self.name, callback.id, reason)
        if answer.status in FINAL:
            self._write_down(line, lambda stored: stored.refused(callback.id, reason, self._wall.now()), callback)
            return Tried(answered=True)
        asked = asked_for(answer.retry_after, self._wall.now()) if answer.status in ASKS_TO_WAIT else None
        self._put_off(line, callback, reason, asked)
        return Tried(answered=True, pause=asked)

    def _put_off(self, line: CallbackLine, callback: Callback, reason: str, asked: timedelta | None) -> None:
        later = wait(callback.attempts + 1, self._chance(), asked)
        self._write_down(line, lambda stored: stored.put_off(callback.id, reason, later, self._wall.now()), callback)

    def _write_down(
        self, line: CallbackLine, note: Callable[[CallbackLine], None], callback: Callback, *, anyhow: bool = False
    ) -> None:
        """Unless the lease was over and another took it up; that it was taken counts `anyhow`."""

        def decide(stored: CallbackLine) -> None:
            still = stored.named(callback.id).status == CallbackStatus.PENDING
            if still and (anyhow or stored.claim == line.claim):
                note(stored)

        self._store.change(CallbackLine, line.id, decide)
