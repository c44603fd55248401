"""Rows in batches to the intake, one batch at a time and in order: a later row on the same number is a revision."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import httpx

from cli.hotline import Batch, Hotline, results
from cli.importing.journal import Journal, JournalFile
from cli.importing.refusals import Refusals
from cli.importing.table import Row
from infra.problem import TooLarge

BATCH = 100  # rows
LARGEST_BATCH = 4 * 1024 * 1024  # bytes; the intake takes 5 MB
REFUSED = "refused"


class Delivery:
    """Brings the rows of one file to the intake, and accounts for each in the journal, or in the report as well."""

    def __init__(self, hotline: Hotline, journal: Journal, kept: JournalFile, refusals: Refusals) -> None:
        self._hotline, self._journal, self._kept, self._refusals = hotline, journal, kept, refusals

    async def bring(self, rows: Iterator[Row], tick: Callable[[int], None]) -> None:
        """Bring what the journal does not say is done; `tick` is told how many rows more are.

        Raises the Problem with which the intake refused, Unavailable, and what reading the file raises.
        """
        tick(sum(1 for _ in islice(rows, self._journal.rows)))
        async with self._hotline.client() as client:
            for batch in batches(rows):
                await self._deliver(client, batch)
                self._journal.report_bytes = self._refusals.flush()
                self._kept.keep(self._journal)
                tick(len(batch))

    async def _deliver(self, client: httpx.AsyncClient, batch: list[Row]) -> None:
        sent = [row for row in batch if row.refusal is None]
        answers = iter(await self._results(client, sent) if sent else [])
        for row in batch:
            self._account(row, row.refusal.as_json() if row.refusal else next(answers))

    async def _results(self, client: httpx.AsyncClient, rows: list[Row]) -> list[dict[str, Any]]:
        """What became of each row; sent in halves where the channel takes less at once."""
        try:
            return results(await self._hotline.send(client, Batch(self._journal.channel, [row.cells for row in rows])))
        except TooLarge:
            if len(rows) == 1:
                raise
        half = len(rows) // 2
        return [*await self._results(client, rows[:half]), *await self._results(client, rows[half:])]

    def _account(self, row: Row, result: dict[str, Any]) -> None:
        if "outcome" in result:
            self._journal.add(result["outcome"])
            return
        told = {name: str(result.get(name) or "") for name in ("field", "kept_as")}
        self._refusals.add(row.number, row.cells, reason=str(result.get("detail_zh", "")), **told)
        self._journal.add(REFUSED)


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in their order, at most BATCH and about LARGEST_BATCH bytes at a time."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        more = len(json.dumps(row.cells, ensure_ascii=False).encode("utf-8", "replace"))
        if batch and (len(batch) == BATCH or size + more > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += more
    if batch:
        yield batch


def count(journal: Journal, outcome: str) -> int:
    """How many rows came to this outcome."""
    return journal.counts.get(outcome, 0)
