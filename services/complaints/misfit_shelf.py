"""Reading what was kept because nobody could take it: the list without content, one item opened for a named officer."""

from typing import Any

from infra.clock import Clock
from infra.messaging.store import Store
from infra.organisation.officer import Officer
from infra.problem import Forbidden, Refused
from services.complaints.contracts import Channel, MisfitPage, MisfitView, OpenedMisfit
from services.complaints.desk import DESK
from services.complaints.newest_first import beyond, cursor_of, page_length
from services.complaints.privacy import CannotOpen, Vault
from services.complaints.refused import Misfit


class MisfitShelf:
    """The misfits of all channels."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def page(self, first: int, after: str | None) -> MisfitPage:
        """The `first` misfits after the cursor `after`, the newest first. Raises InvalidInput."""
        first = page_length(first)
        kept = Misfit.objects(__raw__=beyond(after)).exclude("outbox", "sealed_raw", "key")
        found = list(kept.order_by("-received_at", "-id").limit(first + 1))
        items = found[:first]
        return MisfitPage(
            items=[_view(misfit) for misfit in items],
            end_cursor=cursor_of(items[-1].received_at, items[-1].id) if items else None,
            has_next=len(found) > first,
        )

    def open(self, misfit_id: str, by: dict[str, Any]) -> OpenedMisfit:
        """What came, opened for the officer `by`; that they read it is recorded with it.

        Raises InvalidInput, Forbidden (the desk and the city's office may), NotFound, Refused where it does not open.
        """
        officer = Officer.from_json(by)
        if officer.role not in DESK:
            raise Forbidden(f"the {officer.role} may not read what was kept", "只有热线坐席和市总指挥部办公室可以查看")

        def read(misfit: Misfit) -> OpenedMisfit:
            raw = self._opened(misfit)
            misfit.note_read(officer, self._clock.now())
            return OpenedMisfit(misfit=_view(misfit), raw=raw, reads=misfit.reads)

        return self._store.change(Misfit, misfit_id, read)

    def _opened(self, misfit: Misfit) -> str:
        """The content as text; bytes that are no UTF-8 as escapes."""
        if misfit.key is None:
            raise Refused(f"{misfit.id} has been erased", f"{misfit.id} 的内容已清除")
        try:
            return self._vault.open(misfit.id, misfit.key, misfit.sealed_raw).decode("utf-8", "backslashreplace")
        except CannotOpen as error:
            raise Refused(str(error), f"{misfit.id} 无法用当前主密钥打开") from error


def _view(misfit: Misfit) -> MisfitView:
    return MisfitView(
        misfit_id=misfit.id,
        channel=Channel(misfit.channel),
        received_at=misfit.received_at,
        reason=misfit.problem["detail"],
        reason_zh=misfit.problem["detail_zh"],
        field=misfit.problem.get("field"),
    )
