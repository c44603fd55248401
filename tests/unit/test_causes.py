"""Which events of the log belong together."""

from infra.messaging.causes import Link, related

LOG = [
    Link("complaints/report/r#1", "request-1", "report/r"),
    Link("complaints/case/c#1", "complaints/report/r#1", "case/c"),
    Link("tasks/task/t#1", "complaints/case/c#1", "task/t"),
    Link("notify/notice/n#1", "tasks/task/t#1", "notice/n"),
    Link("tasks/task/t#2", "request-2", "task/t"),
    Link("complaints/case/d#1", "request-1", "case/d"),
]


def test_what_one_event_led_to_and_what_led_to_it_belongs_to_it() -> None:
    assert related(LOG, ["complaints/case/c#1"]) == {link.id for link in LOG[:5]}


def test_a_common_request_holds_nothing_together() -> None:
    assert related(LOG, ["complaints/case/d#1"]) == {"complaints/case/d#1"}


def test_an_event_that_the_log_does_not_hold_has_nothing_that_belongs_to_it() -> None:
    assert related(LOG, ["complaints/case/x#1"]) == set()


def test_an_event_that_was_logged_twice_is_one_event() -> None:
    assert related([*LOG, *LOG], ["notify/notice/n#1"]) == {link.id for link in LOG[:5]}
