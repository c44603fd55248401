"""What a job has set aside, as `wenming status` reads it from the database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pymongo

from infra.local import status
from infra.local.premises import Premises
from infra.set_aside import SetAside

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_what_is_set_aside_is_shown_with_its_reason_until_it_is_taken_back(mongodb_url: str) -> None:
    prefix = f"test_{uuid4().hex[:10]}_"
    environment = {"WENMING_DB_PREFIX": prefix}
    town = cast(Premises, SimpleNamespace(mongodb_url=mongodb_url, environment=lambda: environment))
    with pymongo.MongoClient[dict[str, Any]](mongodb_url, tz_aware=True) as client:
        job = SetAside(client[f"{prefix}tasks"], "deadlines of tasks", NOON.timestamp)
        job.put("c2-1", "ValueError at services/tasks/task.py:17 in notice")
        job.put("c2-1", "ValueError at services/tasks/task.py:18 in notice")
        shown = status.SetAsideState(
            "tasks", "deadlines of tasks", "c2-1", "ValueError at services/tasks/task.py:18 in notice", 2, NOON
        )
        assert status.set_aside(town) == [shown]
        job.take_back(["c2-1"])
        assert status.set_aside(town) == []
        client.drop_database(f"{prefix}tasks")
