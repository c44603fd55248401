"""`wenming reconcile` on a running system: equal, not equal, not answering; and `wenming recount`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pymongo
import pytest

from infra.local.premises import CHECKOUT
from services.notify.contracts import BulletinKind
from tests.chaos.load import Load
from tests.chaos.site import PREFIX, QUIET_WITHIN, Holdings, Site, wait_until

pytestmark = pytest.mark.slow
RATE = 8.0  # work orders a second, so that two cores have the rest for the command


def reconcile(site: Site, *options: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    return wenming(site, "reconcile", *options)


def wenming(site: Site, *words: str) -> tuple[int, str]:
    """Exit code and output of a command about the site."""
    variables = {"WENMING_DATA": str(site.instance.home.parent), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "cli.main", "--instance", site.instance.name, *words]
    done = subprocess.run(
        command, env=variables, cwd=CHECKOUT, capture_output=True, text=True, timeout=QUIET_WITHIN, check=False
    )
    return done.returncode, done.stdout + done.stderr


def findings(output: str) -> dict[str, list[str]]:
    """Title → findings, where there are any."""
    lines: list[dict[str, Any]] = json.loads(output)["lines"]
    return {line["title"]: line["findings"] for line in lines if line["findings"]}


@pytest.fixture
def some_cases(site: Site, holdings: Holdings) -> None:
    """Reports that have come to their end."""
    with Load(site.intakes, site.secret, "RECONCILE", most=0) as load:
        load.burst(59)
    holdings.wait_for_quiet()


@pytest.mark.usefixtures("some_cases")
def test_a_sound_system_is_equal(site: Site) -> None:
    code, output = reconcile(site, "--json")
    assert findings(output) == {}
    assert code == 0


def test_a_system_under_load_is_equal_as_of_a_moment(site: Site, holdings: Holdings) -> None:
    with Load(site.intakes, site.secret, "MEANWHILE", rate=RATE) as load:
        wait_until(lambda: len(load.receipts) > 40, QUIET_WITHIN, "some reports")
        code, output = reconcile(site, "--json")
    assert findings(output) == {}
    assert code == 0
    holdings.wait_for_quiet()


@pytest.mark.usefixtures("some_cases")
def test_it_says_in_words_which_notice_is_missing_and_which_counter_is_wrong(site: Site) -> None:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(site.instance.mongodb_url)
    notices = client[PREFIX + "notify"]["notice"]
    counters = client[PREFIX + "tasks"]["task_tally_counters"]
    notice = notices.find_one_and_delete({"kind": BulletinKind.ASSIGNMENT})
    counter = counters.find_one_and_update({}, {"$inc": {"counts.issued": 1}})
    assert notice is not None
    assert counter is not None
    try:
        code, output = reconcile(site, "--patience", "1")
    finally:
        notices.insert_one(notice)
        counters.replace_one({"_id": counter["_id"]}, counter)
        client.close()
    assert code == 1
    assert f"{notice['task_id']}: tasks.assignments '{notice['unit']}', notify.notices absent 无" in output
    issued = counter["counts"].get("issued", 0)
    assert f"{counter['_id'].replace('|', ' ', 0)} issued: counted {issued + 1}, recounted {issued}" in output
    assert "账目不符 differs" in output


def test_a_recount_under_load_is_calm_until_a_counter_is_wrong_and_mends_it(site: Site, holdings: Holdings) -> None:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(site.instance.mongodb_url)
    counters = client[PREFIX + "tasks"]["task_tally_counters"]
    with Load(site.intakes, site.secret, "RECOUNT", rate=RATE) as load:
        wait_until(lambda: len(load.receipts) > 20, QUIET_WITHIN, "some reports")
        assert wenming(site, "recount") == (
            0,
            "".join(
                f"✓ {name}: 计数与清点一致 equal\n"
                for name in ("task_tally", "case_counts", "intake_counts", "indicators")
            ),
        )
        wait_until(
            lambda: counters.find_one_and_update({}, {"$inc": {"counts.case:duty:issued": 7}}),
            QUIET_WITHIN,
            "a counter",
        )
        code, output = wenming(site, "recount", "tasks", "--patience", "1")
        assert code == 1
        assert " case:duty:issued: counted " in output
        code, output = wenming(site, "recount", "tasks", "--mend")
        assert code == 0
        assert "task_tally: made anew from the documents\n✓ task_tally: 计数与清点一致 equal" in output
        assert wenming(site, "recount", "tasks")[0] == 0
    client.close()
    holdings.wait_for_quiet()


def test_it_does_not_look_at_what_came_after_the_moment(site: Site) -> None:
    code, output = reconcile(site, "--as-of", "2020-01-01", "--json")
    assert code == 0
    assert {line["figures"] for line in json.loads(output)["lines"] if "every" in line["title"]} == {"0"}


def test_a_service_that_does_not_answer_is_another_exit_code(site: Site) -> None:
    site.kill("assessment")
    try:
        code, output = reconcile(site)
    finally:
        site.instance.up()
    assert code == 2
    assert "wenming: 服务未及时响应，请稍后再试" in output
    assert "no answer from assessment" in output


def test_no_log_holds_a_password(site: Site) -> None:
    secrets = [value for name, value in site.instance.secrets.items() if name != "path"]
    logs = site.logs()
    assert len(logs) >= 8
    assert "waits for the broker at amqp://wenming:***@127.0.0.1:1/" in _text(site.instance.process("notify").log)
    leaks = [f"{log.name}" for log in logs for secret in secrets if secret in _text(log)]
    assert leaks == []


def _text(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")
