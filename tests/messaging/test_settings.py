"""Settings are read from the environment; log lines hide passwords."""

import logging
import sys
from pathlib import Path

import pytest

from infra.logging import OneLine, mask
from infra.settings import SettingMissing, Settings

ENOUGH = {"AMQP_URL": "amqp://a", "MONGODB_URL": "mongodb://m"}


def test_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.json"
    secrets.write_text('{"hotline": "x1"}')
    settings = Settings.from_environment(
        ENOUGH | {"WENMING_RETRY_DELAYS": "10,20", "WENMING_INTAKE_PORT": "9001", "WENMING_SECRETS": str(secrets)}
    )
    assert (settings.retry_delays, settings.intake_port) == ((10, 20), 9001)
    assert (settings.secret("hotline"), settings.secret("weibo")) == ("x1", None)


@pytest.mark.parametrize("name", ["AMQP_URL", "MONGODB_URL"])
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(SettingMissing, match=f"{name} is not set"):
        Settings.from_environment(ENOUGH | {name: ""})


def test_a_setting_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingMissing, match="intake_port"):
        Settings.from_environment(ENOUGH | {"WENMING_INTAKE_PORT": "eight"})


def test_the_password_of_every_url_is_masked() -> None:
    text = "amqp://u:p1@one:5672//;amqp://u:p2@two//;mongodb://m:p%403@three/?a=b and amqp://plain/"
    assert mask(text) == "amqp://u:***@one:5672//;amqp://u:***@two//;mongodb://m:***@three/?a=b and amqp://plain/"


def test_a_very_long_text_is_masked_in_no_time_and_cut() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s", ("oh" * 1_000_000,), None)
    assert len(OneLine("mill").format(record)) == 20_000


def test_a_traceback_is_one_line_and_hides_passwords_too() -> None:
    try:
        raise ConnectionError("amqp://u:secret@host/")
    except ConnectionError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "lost %s", ("amqp://u:secret@h/",), sys.exc_info())
    line = OneLine("mill").format(record)
    assert "\n" not in line
    assert "secret" not in line
    assert "ERROR mill x: lost amqp://u:***@h/" in line
