"""Materials over HTTP: a running service, a photo put and got with tickets, errors as problem details."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.ports import free_ports
from infra.messaging.rpc_client import call_once
from infra.settings import Settings
from tests.integration.one_service import DEADLINE, own_host, running
from tests.unit.material_files import EXE, photo

OFFICE = {"role": "city_office", "unit": "5301", "name": "赵六"}
ORDER = {
    "id": "instruction-1",
    "source": "leader_instruction",
    "title": "整治占道经营",
    "unit": "5301/530102",
    "because": "领导批示",
    "limit": {"amount": 5, "clock": "work_day"},
}


class Service:
    """The running service with one task."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings, self.url = settings, url
        self.http = httpx.Client(trust_env=False, timeout=DEADLINE)
        self.task_id = self.call("issue_task", ORDER, OFFICE, "r")["task_id"]

    def call(self, method: str, *args: Any) -> Any:
        return call_once(self._settings.amqp_url, "tasks", method, *args, timeout=DEADLINE)

    def put(self, content: bytes, name: str, size: int | None = None) -> httpx.Response:
        ticket = self.call("upload_ticket", self.task_id, name, size or len(content), OFFICE, "r", False)
        return self.http.put(ticket["url"], content=content)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory = tmp_path_factory.mktemp("materials")
    secrets, port = directory / "secrets.json", free_ports(1)[0]
    secrets.write_text(json.dumps({"ticket_key": "a secret of tickets"}))
    url = f"http://127.0.0.1:{port}"
    with own_host() as settings:
        more = {"WENMING_SECRETS": str(secrets), "WENMING_MATERIALS_URL": url}
        with running_at(port, settings, directory, more):
            yield Service(settings, url)


def running_at(port: int, settings: Settings, directory: Path, more: dict[str, str]) -> Any:
    """The service with its HTTP at `port`."""
    return running("services.tasks.service:TasksService", settings, directory, web_port=port, **more)


def test_a_photo_is_put_reported_with_and_got_back_clean(service: Service) -> None:
    answer = service.put(photo(), "现场.jpg")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (201, "*")
    view = answer.json()
    assert service.put(photo(), "现场.jpg").status_code == 200
    task = service.call("tasks_by_id", [service.task_id])[0]
    accepted = service.call("accept_task", service.task_id, task["version"], OFFICE, "r")
    ids = [view["material_id"]]
    done = service.call("report_progress", service.task_id, accepted["version"], OFFICE, 50, "已清理一半", ids, "r")
    assert (done["materials"], done["history"][-1]["note"]) == (ids, "50%：已清理一半（材料：现场.jpg）")
    ticket = service.call("download_ticket", view["material_id"], OFFICE)
    got = service.http.get(ticket["url"])
    assert (got.status_code, got.headers["content-type"], len(got.content)) == (200, "image/jpeg", view["size"])
    assert b"SECRETCAM" not in got.content
    part = service.http.get(ticket["url"], headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"\xff\xd8\xff")
    unchanged = service.http.get(ticket["url"], headers={"If-None-Match": got.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert service.http.get(ticket["thumbnail_url"]).content[:3] == b"\xff\xd8\xff"


def test_what_is_wrong_is_said_as_problem_details(service: Service) -> None:
    refused = {
        "a program": (service.put(EXE, "现场.jpg"), 400, "file"),
        "more than announced": (service.put(photo(), "a.jpg", 100), 413, "body"),
        "no ticket": (service.http.put(f"{service.url}/materials", content=b"x"), 401, "ticket"),
        "another's ticket": (service.http.get(f"{service.url}/materials/x?ticket=a.1.b"), 401, "ticket"),
        "nothing there": (service.http.get(f"{service.url}/materials/../../etc/passwd"), 404, "path"),
        "another method": (service.http.delete(f"{service.url}/materials"), 405, "method"),
    }
    for what, (answer, status, field) in refused.items():
        assert (what, answer.status_code, answer.json()["field"]) == (what, status, field)
        assert answer.headers["content-type"] == "application/problem+json"
    readable = [what for what, (answer, *_) in refused.items() if "Access-Control-Allow-Origin" in answer.headers]
    assert readable == ["a program", "more than announced", "no ticket", "another's ticket"]
    assert service.http.options(f"{service.url}/materials").status_code == 204
    assert service.http.get(f"{service.url}/health").json()["status"] == "ok"
