"""A gateway of this process before running services, asked over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from gateway.token import issue
from infra.local.ports import free_ports
from infra.organisation.officer import Officer
from tests.integration.one_service import wait_until

PATIENT = {"deadline": 60.0, "rpc_timeout": 30.0}  # seconds: for tests of what is answered, not of how soon
SECRET = "the secret of the integration tests, which is long enough"


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address of `app` while a server of this process serves it."""
    [port] = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the gateway listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def ask(url: str, query: str, who: Officer, patience: float = 90.0, **variables: Any) -> dict[str, Any]:
    """The body of the answer to `who`."""
    token = issue(SECRET, who, now=datetime.now(UTC), lifetime=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    question = {"query": query, "variables": variables}
    answer = httpx.post(f"{url}/graphql", json=question, headers=headers, timeout=patience, trust_env=False)
    body: dict[str, Any] = answer.json()
    return body
