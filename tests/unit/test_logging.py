"""What is logged of an exception."""

import logging
import sys

import pytest

from infra.logging import OneLine
from infra.problem import Refused

CITIZEN = "张三 13800000001 说楼下太吵"


def line_of(logger: str, error: Exception, said: str = "error handling worker %s: %s") -> str:
    """The line that is logged where a handler raised `error`, as nameko logs it."""
    try:
        raise error
    except Exception as raised:
        record = logging.LogRecord(logger, logging.ERROR, __file__, 1, said, ("ctx", raised), sys.exc_info())
    return OneLine("tasks").format(record)


def test_the_log_tells_where_a_handler_failed_and_nothing_of_what_it_worked_on() -> None:
    line = line_of("nameko.containers", ValueError(CITIZEN))
    assert CITIZEN not in line
    assert "ValueError at tests/unit/test_logging.py" in line
    assert line.count("\n") == 0


@pytest.mark.parametrize("error", [Refused("no such unit", "没有这个单位"), ConnectionRefusedError("nobody listens")])
def test_an_exception_that_is_written_for_people_speaks_for_itself(error: Exception) -> None:
    line = line_of("nameko.containers", error)
    assert any(words in line for words in ("no such unit", "nobody listens"))


def test_a_command_that_was_refused_leaves_one_short_line() -> None:
    line = line_of(
        "nameko.containers", Refused("no such unit", "没有这个单位"), "(expected) error handling worker %s: %s"
    )
    assert line.endswith(
        "ERROR tasks nameko.containers: (expected) error handling worker ctx: Refused: refused: no such unit"
    )
