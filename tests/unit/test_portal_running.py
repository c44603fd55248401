"""The portal page as it runs: what is drawn when answers come late, twice or not at all (portal_run.mjs)."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from graphql import is_required_input_field

from gateway.schema import SCHEMA

NODE = shutil.which("node")
RUN, ACTS = (Path(__file__).with_name(name) for name in ("portal_run.mjs", "portal_acts.mjs"))

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")


def run(script: Path, *arguments: str) -> object:
    """What the script prints."""
    command = [str(NODE), "--experimental-default-type=module", "--no-warnings", str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def told(story: str) -> str:
    """What the page shows at the end of the story."""
    return cast(str, run(RUN, story))


def test_every_act_sends_what_its_command_needs_and_nothing_that_it_does_not_know() -> None:
    mutations = SCHEMA.graphql_schema.mutation_type
    assert mutations is not None
    for name, act in cast(dict[str, dict[str, Any]], run(ACTS)).items():
        command = mutations.fields[act["command"]]
        known = command.args["input"].type.of_type.fields
        needed = {field for field, of in known.items() if is_required_input_field(of)} - {"id", "seenVersion"}
        assert set(act["most"]) <= known.keys(), name
        assert needed <= set(act["least"]), name
        assert act["noun"] in command.type.fields, name


def test_a_unit_that_comes_late_is_not_drawn_over_the_one_that_was_chosen_after_it() -> None:
    shown = told("late")
    assert "任务 5301/530103" in shown
    assert "任务 5301/530102" not in shown


def test_the_queue_of_another_unit_that_comes_late_is_not_drawn() -> None:
    shown = told("elsewhere")
    assert "案件 5301/530103 VERIFY" in shown
    assert "案件 5301 VERIFY" not in shown


def test_of_two_reasons_chosen_one_after_the_other_the_last_is_shown() -> None:
    shown = told("chosen")
    assert "案件 5301 CHECK" in shown
    assert "案件 5301 VERIFY" not in shown


def test_more_that_is_asked_for_twice_is_shown_once() -> None:
    shown = told("twice")
    assert (shown.count("再一项"), shown.count("案件 再一件")) == (1, 1)


def test_a_citizen_is_asked_again_where_nobody_was_reached_and_no_more_once_they_were() -> None:
    assert told("asked") == "1 1 0"


def test_the_desk_may_correct_what_was_found_who_was_on_site_only_says_what_was_seen() -> None:
    assert run(RUN, "onSite") == [["note,category,placePath,urgency,requestKind"], ["note"]]


def test_only_a_report_that_joined_by_itself_can_be_split_off() -> None:
    assert run(RUN, "separable") == ["R2", ""]


def test_what_was_done_is_said_where_the_page_cannot_be_drawn_anew() -> None:
    notices = told("done")
    assert "服务暂不可用" in notices
    assert "已申报完成" in notices


def test_what_was_written_stays_where_the_connection_breaks_and_comes_back_with_the_form() -> None:
    assert told("broken") == "无法连接服务器，请检查网络后重试 说明"


def test_who_is_late_learns_who_changed_what_and_goes_on_with_what_they_wrote() -> None:
    shown = told("stale")
    assert "李四于2026/3/2 09:00已作更改（报告进展）" in shown
    assert "重新载入 说明" in shown
    assert "已恢复上次未提交的内容" in shown


def test_what_was_written_outlives_the_token_but_not_the_officers_leaving() -> None:
    assert told("expired") == "说明"
    assert told("left") == ""


def test_what_is_overdue_can_be_supervised_but_not_ones_own_or_what_lies_with_the_office() -> None:
    assert re.findall(r"督办：(\S+)", told("overdue")) == ["5301/530102"]
