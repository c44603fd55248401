"""Rotation of the master key: every wrapped key is wrapped anew under the current one, in batches, while all goes on.

Any replica may do any batch, again and again: a key that somebody changed meanwhile is left to the next batch, one that
is done is not found again (an index knows which master wrapped what). What was sealed itself is not touched.
"""

import logging
import time
from typing import Any

import msgspec

from infra.messaging.outbox import Aggregate
from infra.messaging.store import Store
from infra.problem import InvalidInput
from services.complaints.contracts import KeyProgress, KeyStanding
from services.complaints.privacy import CannotOpen, Vault, WrappedKey
from services.complaints.refused import Misfit
from services.complaints.report import Report

SEALED: tuple[type[Aggregate], ...] = (Report, Misfit)  # all that has a wrapped key in `key`
MOST_AT_ONCE = 2000
_KEPT = (bytes,)
log = logging.getLogger(__name__)


class Rotation:
    """Wraps keys anew."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    def standing(self) -> KeyStanding:
        """Which master keys there are, and what the others than the current one still wrap."""
        current = self._vault.fingerprint
        left: dict[str, int] = {}
        for kind in SEALED:
            keys = kind._get_collection()
            for master in set(keys.distinct("key.master")) - {current}:
                left[master] = left.get(master, 0) + keys.count_documents({"key.master": master})
        known = sorted(self._vault.fingerprints - {current})
        return KeyStanding(current=current, known=known, left=left)

    def rewrap(self, limit: int) -> KeyProgress:
        """At most `limit` keys of each kind, wrapped anew. Raises InvalidInput."""
        if not isinstance(limit, int) or not 1 <= limit <= MOST_AT_ONCE:
            raise InvalidInput(f"limit must be 1 to {MOST_AT_ONCE}", f"每批应为1至{MOST_AT_ONCE}条", field="limit")
        done = sum(self._rewrap(kind, limit) for kind in SEALED)
        standing = self.standing()
        return KeyProgress(current=standing.current, done=done, left=sum(standing.left.values()))

    def _rewrap(self, kind: type[Aggregate], limit: int) -> int:
        time.sleep(0)  # let a hotline's push have its turn
        others = list(self._vault.fingerprints - {self._vault.fingerprint})
        found = kind._get_collection().find({"key.master": {"$in": others}}, {"key": 1}).limit(limit)
        swaps = {one["_id"]: (one["key"], new) for one in found if (new := self._new(one["_id"], one["key"]))}
        return self._store.exchange(kind, "key", swaps)

    def _new(self, about: str, stored: dict[str, Any]) -> dict[str, Any] | None:
        try:
            wrapped = self._vault.rewrap(about, msgspec.convert(stored, WrappedKey, builtin_types=_KEPT))
        except CannotOpen as error:
            log.error("%s; its key stays as it is", error)
            return None
        return msgspec.to_builtins(wrapped, builtin_types=_KEPT)
