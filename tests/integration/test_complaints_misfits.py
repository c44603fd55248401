"""What was kept because nobody could take it can be listed without content, and opened by those who may."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cli.misfits import misfits
from infra.problem import Forbidden, InvalidInput, NotFound
from tests.integration.complaints_running import (
    DESK,
    OFFICE,
    STREET_OFFICER,
    Complaints,
    complaints_running,
    order,
)


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


@pytest.fixture(scope="module")
def kept(complaints: Complaints) -> list[str]:
    """The ids of three misfits, the oldest first."""
    odd = [order(f"M{n}", 事发时间="昨天", 来电人="司马独", 号码="13912345678") for n in range(3)]
    return [complaints.push(one).json()["kept_as"] for one in odd]


def test_they_are_listed_page_by_page_newest_first_and_without_content(complaints: Complaints, kept: list[str]) -> None:
    first = complaints.call("misfits", 2, None)
    rest = complaints.call("misfits", 2, first["end_cursor"])

    assert [one["misfit_id"] for one in first["items"] + rest["items"]] == kept[::-1]
    assert (first["has_next"], rest["has_next"]) == (True, False)
    newest = first["items"][0]
    assert set(newest) == {"misfit_id", "channel", "received_at", "reason", "reason_zh", "field"}
    assert (newest["channel"], newest["field"]) == ("hotline_12345", "事发时间")
    assert newest["reason_zh"] == "字段“事发时间”不是日期时间，应如 2026-03-02 09:15:00"
    assert "司马独" not in json.dumps(first, ensure_ascii=False)


@pytest.mark.parametrize(("first", "after"), [(0, None), (201, None), ("2", None), (2, "?")])
def test_a_page_that_cannot_be_asked_for_is_refused(complaints: Complaints, first: Any, after: str | None) -> None:
    with pytest.raises(InvalidInput):
        complaints.call("misfits", first, after)


def test_the_desk_opens_one_and_every_read_is_recorded(complaints: Complaints, kept: list[str]) -> None:
    complaints.call("misfit", kept[0], DESK)
    opened = complaints.call("misfit", kept[0], OFFICE)

    assert json.loads(opened["raw"])["来电人"] == "司马独"
    assert opened["misfit"]["misfit_id"] == kept[0]
    assert [(read["name"], read["role"]) for read in opened["reads"]] == [
        ("钱七", "hotline_desk"),
        ("赵六", "city_office"),
    ]
    stored = complaints.db.misfits.find_one({"_id": kept[0]})
    assert stored is not None
    assert [read["name"] for read in stored["reads"]] == ["钱七", "赵六"]


def test_others_may_not_open_it_and_leave_no_read(complaints: Complaints, kept: list[str]) -> None:
    with pytest.raises(Forbidden):
        complaints.call("misfit", kept[1], STREET_OFFICER)
    with pytest.raises(NotFound):
        complaints.call("misfit", "M-none", DESK)

    stored = complaints.db.misfits.find_one({"_id": kept[1]})
    assert stored is not None
    assert stored.get("reads", []) == []


def test_the_command_lists_and_shows_them(complaints: Complaints, kept: list[str]) -> None:
    town = SimpleNamespace(instance=SimpleNamespace(amqp_url=complaints.settings.amqp_url))

    listed = CliRunner().invoke(misfits, ["list", "--first", "1"], obj=town)
    shown = CliRunner().invoke(misfits, ["show", kept[2]], obj=town)

    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert listed.output.startswith(f"{kept[2]}  hotline_12345  ")
    assert "司马独" not in listed.output
    assert "there are more: --after " in listed.output
    assert json.loads(shown.output.splitlines()[-1])["来电人"] == "司马独"
    assert "city_office of 5301" in shown.output
