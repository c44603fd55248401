"""What a command says where its instance is not up: at once, in one line, and not after a minute."""

from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cli.misfits import misfits
from cli.recount import command as recount
from infra.local.trouble import NotReady

CLOSED = "amqp://wenming:secret@127.0.0.1:9/"


@pytest.mark.parametrize(("command", "words"), [(misfits, ["list"]), (recount, ["tasks"])])
def test_a_command_says_that_the_broker_does_not_answer(command: Any, words: list[str]) -> None:
    town = SimpleNamespace(name="two", instance=SimpleNamespace(amqp_url=f"{CLOSED};{CLOSED}"))
    result = CliRunner().invoke(command, words, obj=town)
    assert isinstance(result.exception, NotReady)
    assert "does not answer; is two up?" in str(result.exception)
    assert "secret" not in str(result.exception)
