"""What a job has set aside, as `wenming status` reads it from the database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pymongo

from infra.local import status
from infra.local.premises import Premises
from infra.set_aside import COLLECTION, SetAside

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


def test_what_cannot_be_done_for_weeks_is_tried_again_every_quarter_of_an_hour(mongodb_url: str) -> None:
    name, at = f"test_{uuid4().hex[:10]}", NOON.timestamp()
    with pymongo.MongoClient[dict[str, Any]](mongodb_url, tz_aware=True) as client:
        job, waits = SetAside(client[name], "deadlines of tasks", lambda: at), []
        for failures in (0, 1, 5, 6, 5000):
            client[name][COLLECTION].update_many({}, {"$set": {"failures": failures}})
            job.put("c2-1", "ValueError")
            row = client[name][COLLECTION].find_one({}) or {}
            waits.append((row["failures"], (row["again_at"] - NOON).total_seconds()))
        assert waits == [(1, 15), (2, 30), (6, 480), (7, 900), (5001, 900)]
        client.drop_database(name)
