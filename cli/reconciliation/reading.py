"""Asking the services: one connection for the whole reconciliation, everything by their own RPC."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec

from cli.reconciliation import report
from cli.reconciliation.checks import CHECKS, SERVICES
from cli.reconciliation.report import Report
from infra.messaging.rpc_client import RpcClient
from infra.reconciliation.comparison import BREATH, Ask, Comparison
from infra.reconciliation.summary import Summary

ANSWER_WITHIN = 15.0  # seconds for a page
WHOLE_WITHIN = 120.0  # seconds for what a service must read all its documents for


@contextmanager
def asking(amqp_url: str) -> Iterator[Ask]:
    """A way to ask the services through the broker at `amqp_url`, as long as the block lasts."""
    with asyncio.Runner() as runner:
        client = RpcClient(amqp_url)
        runner.run(client.start())

        def ask(service: str, method: str, *args: Any) -> Any:
            within = WHOLE_WITHIN if method == "books" else ANSWER_WITHIN
            return runner.run(client.call(service, method, *args, timeout=within))

        try:
            yield ask
        finally:
            runner.run(client.stop())


def reconcile(ask: Ask, as_of: datetime, patience: float) -> Report:
    """Compare everything as of `as_of`, waiting up to `patience` seconds for what is on its way.

    Raises Unavailable where a service does not answer, RemoteFailure where it fails.
    """
    deadline = time.monotonic() + patience
    began = datetime.now(UTC)
    comparison = Comparison(ask, as_of, deadline)
    lines = [report.of_check(comparison.check(check)) for check in CHECKS]
    while True:
        totals = _of_the_whole([_summary(ask, service, as_of, began) for service in SERVICES])
        found = Report(as_of, [*totals, *lines])
        if not any(line.findings for line in totals) or time.monotonic() >= deadline:
            return found
        time.sleep(BREATH)


def _summary(ask: Ask, service: str, as_of: datetime, began: datetime) -> Summary:
    return msgspec.convert(ask(service, "books", as_of.isoformat(), began.isoformat()), Summary)


def _of_the_whole(summaries: list[Summary]) -> list[report.Line]:
    of = {one.service: one.totals for one in summaries}
    return [
        report.of_fates(of["complaints"]),
        report.of_leads(of["complaints"]["filed_cases"], of["tasks"]["leads"]),
        *report.of_summaries(summaries),
    ]
