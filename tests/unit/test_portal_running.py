"""The portal page as it runs: what is drawn when answers come late, twice or not at all (portal_run.mjs)."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import cast

import pytest

NODE = shutil.which("node")
RUN = Path(__file__).with_name("portal_run.mjs")

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node")


def told(story: str) -> str:
    """What the page shows at the end of the story."""
    command = [str(NODE), "--experimental-default-type=module", "--no-warnings", str(RUN), story]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return cast(str, json.loads(done.stdout))


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


def test_what_was_done_is_said_where_the_page_cannot_be_drawn_anew() -> None:
    notices = told("done")
    assert "服务暂不可用" in notices
    assert "已申报完成" in notices


def test_what_is_overdue_can_be_supervised_but_not_ones_own_or_what_lies_with_the_office() -> None:
    assert re.findall(r"督办：(\S+)", told("overdue")) == ["5301/530102"]
