"""`wenming privacy`: the master key is rotated under a running service; a report is erased and stays so."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cli.privacy import privacy
from infra.local.trouble import Trouble
from infra.master_keys import fingerprint
from tests.integration.complaints_running import DESK, SECRETS, Complaints, complaints_running, order


class Town:
    """The instance of the tests: its secrets are those of the running service."""

    def __init__(self, complaints: Complaints, file: Path) -> None:
        self.name = "tests"
        self._url, self._file = complaints.settings.amqp_url, file

    @property
    def instance(self) -> Any:
        """What the command asks of it."""
        known = json.loads(self._file.read_text())
        return SimpleNamespace(amqp_url=self._url, secrets=known, secrets_file=self._file)


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Complaints, Town]]:
    """One running service for this module."""
    home = tmp_path_factory.mktemp("complaints")
    with complaints_running(home) as running:
        yield running, Town(running, home / "secrets.json")


def run(town: Town, *words: str) -> str:
    """What the command prints; raises what it raised."""
    done = CliRunner().invoke(privacy, list(words), obj=town)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_the_master_key_is_rotated_and_the_old_one_retired(complaints: tuple[Complaints, Town]) -> None:
    running, town = complaints
    receipt = running.push(order("K1")).json()["receipt"]
    old = fingerprint(SECRETS["master_key"])

    said = run(town, "rotate")

    assert "left under an earlier master key: 0" in said
    new = fingerprint(town.instance.secrets["master_key"])
    assert running.push(order("K2")).status_code == 202
    assert {one["key"]["master"] for one in running.db.reports.find()} == {new}
    with pytest.raises(Trouble, match="current"):
        run(town, "retire-master", new)
    assert "retired" in run(town, "retire-master", old)
    assert list(town.instance.secrets) == [*SECRETS, "person_key"]
    shown = running.call("unmask_report", receipt, DESK, "核对号码", "request/1")
    assert shown["versions"][0]["personal"]["号码"] == "13800000000"
    assert "钱七" in run(town, "reads", receipt)


def test_an_erased_report_is_refused_for_ever_and_kept_nowhere(complaints: tuple[Complaints, Town]) -> None:
    running, town = complaints
    pushed = order("K3", 来电人="欧阳标", 家庭住址="翠湖花园3栋")
    receipt = running.push(pushed).json()["receipt"]
    running.case_of("K3")

    assert "本人要求" in run(town, "erase", receipt, "--reason", "本人要求", "--yes")

    answer = running.push(pushed)
    assert (answer.status_code, "kept_as" in answer.json()) == (409, False)
    assert running.db.misfits.count_documents({}) == 0
    assert running.case_of("K3")["title"] == "（内容已删除）"
