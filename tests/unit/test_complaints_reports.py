"""A report is what arrived; the same again is nothing new, other content is a revision."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.problem import Refused
from services.complaints.contracts import Channel, ReportReceived
from services.complaints.report import MOST_REVISIONS, Report
from services.complaints.work_order import WorkOrder
from tests.unit.case_samples import AT, ORDER, VAULT, raw, report, revised, told


def other(text: str) -> WorkOrder:
    """The order with another text."""
    return msgspec.structs.replace(ORDER, content=msgspec.structs.replace(ORDER.content, text=text))


def test_a_report_tells_that_it_was_received_with_ids_only() -> None:
    received = report()

    event = msgspec.json.decode(received.outbox[0].data, type=ReportReceived)
    assert received.id == "hotline_12345:GD1"
    assert event == ReportReceived(
        report_id="hotline_12345:GD1",
        receipt="HZ-GD1",
        channel=Channel.HOTLINE_12345,
        received_at=AT,
        revision=0,
    )


def revise(changed: Report, order: WorkOrder, **more: str) -> bool:
    """Push `order` again, with further fields."""
    return changed.revise(order, raw(order, **more), vault=VAULT, at=AT, cause="r")


def test_the_same_item_again_is_a_repetition_however_it_is_written() -> None:
    received = report()
    item = msgspec.json.decode(raw(ORDER))
    spaced = msgspec.json.format(msgspec.json.encode(dict(reversed(item.items()))), indent=4)

    assert spaced != raw(ORDER)
    assert received.repeats(ORDER, spaced, VAULT)
    assert received.revise(ORDER, spaced, vault=VAULT, at=AT, cause="r") is False
    assert (len(received.versions), told(received)) == (1, ["report_received"])


def test_another_word_in_a_field_that_no_parser_reads_is_a_revision() -> None:
    received = report()

    assert revise(received, ORDER, 备注="来电人再次催促") is True
    assert revise(received, ORDER, 备注="来电人再次催促") is False
    assert revise(received, ORDER, 备注="来电人撤回") is True
    assert received.revision == 2


def test_new_content_is_kept_as_a_revision_beside_the_first() -> None:
    changed = revised()

    assert [version.content.text for version in changed.versions] == [
        ORDER.content.text,
        "翠湖南路两个雨水井盖缺失。",
    ]
    assert told(changed) == ["report_received", "report_received"]
    assert msgspec.json.decode(changed.outbox[1].data, type=ReportReceived).revision == 1


def test_another_number_to_call_back_is_new_content_too() -> None:
    received = report()
    called_back = msgspec.structs.replace(ORDER, personal={"来电人": "李女士", "号码": "13900000000"})

    assert revise(received, called_back) is True


def test_what_an_older_version_said_is_news_again_and_the_newest_repeated_is_not() -> None:
    changed = revised()

    assert revise(changed, ORDER) is True
    assert revise(changed, ORDER) is False
    assert [version.content.text for version in changed.versions] == [
        ORDER.content.text,
        "翠湖南路两个雨水井盖缺失。",
        ORDER.content.text,
    ]


def test_revisions_without_end_are_refused() -> None:
    received = report()
    for n in range(MOST_REVISIONS):
        revise(received, other(f"第{n}版"))

    with pytest.raises(Refused):
        revise(received, other("又一版"))


def test_once_its_key_is_gone_nothing_is_known_to_repeat_a_report_and_it_takes_no_revision() -> None:
    received = report()
    received.key = None

    assert not received.repeats(ORDER, raw(ORDER), VAULT)
    with pytest.raises(Refused):
        revise(received, other("新内容"))


def test_a_report_survives_being_stored_and_loaded() -> None:
    changed = revised()

    loaded = Report._from_son(changed.to_mongo())

    assert (loaded.versions, loaded.key, loaded.revision) == (changed.versions, changed.key, 1)


def said_at(changed: Report, order: WorkOrder, at: int, place: int = 0) -> bool:
    """Push `order` again, signed at that moment."""
    return changed.revise(order, raw(order), vault=VAULT, at=AT, cause="r", said=(at, place))


def signed(at: int) -> Report:
    """The first version, signed at that moment."""
    return Report.receive(
        Channel.HOTLINE_12345, ORDER, raw(ORDER), receipt="HZ-1", vault=VAULT, at=AT, cause="r", said=(at, 0)
    )


def test_a_push_that_was_caught_and_is_sent_again_after_newer_news_changes_nothing() -> None:
    changed = signed(100)
    assert said_at(changed, other("二"), 160)

    assert said_at(changed, ORDER, 100) is False
    assert said_at(changed, other("二"), 160) is False
    assert changed.latest.content.text == "二"
    assert (changed.revision, len(told(changed))) == (1, 2)


def test_a_body_whose_answer_was_lost_can_be_sent_again_also_where_it_says_a_number_twice() -> None:
    changed = signed(100)
    body = [ORDER, other("二"), ORDER]
    assert [said_at(changed, order, 100, n) for n, order in enumerate(body)] == [False, True, True]

    assert [said_at(changed, order, 100, n) for n, order in enumerate(body)] == [False, False, False]
    assert (changed.revision, changed.latest.content.text) == (2, ORDER.content.text)


def test_what_an_older_version_said_is_news_again_where_it_is_said_later() -> None:
    changed = signed(100)
    said_at(changed, other("二"), 160)

    assert said_at(changed, ORDER, 161) is True
    assert changed.latest.content.text == ORDER.content.text


def texts(changed: Report) -> list[str]:
    return [version.content.text for version in changed.versions]


def test_what_is_new_is_kept_however_late_it_comes_and_does_not_hide_what_was_said_after_it() -> None:
    changed = signed(100)
    said_at(changed, other("二"), 160)

    assert said_at(changed, other("三"), 130) is True
    assert said_at(changed, other("零"), 50) is True

    assert texts(changed) == ["零", ORDER.content.text, "三", "二"]
    assert (changed.revision, len(told(changed))) == (3, 4)


def test_of_one_second_what_comes_later_is_the_newest_wherever_in_its_body_it_stood() -> None:
    order = other("第二项")
    report = Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt="HZ-1", vault=VAULT, at=AT, cause="r", said=(100, 1)
    )
    assert said_at(report, other("更新"), 100) is True
    assert texts(report) == ["第二项", "更新"]


def test_a_letter_that_is_replayed_does_not_undo_what_an_officer_corrected() -> None:
    changed = signed(100)
    assert revise(changed, other("更正"))  # nobody signed it

    assert said_at(changed, ORDER, 100) is False

    assert said_at(changed, other("零"), 50) is True
    assert texts(changed) == ["零", ORDER.content.text, "更正"]
    assert said_at(changed, ORDER, 101) is True
    assert changed.latest.content.text == ORDER.content.text


@given(st.permutations([(50, "甲"), (100, "乙"), (130, "丙"), (160, "丁")] * 2))
def test_letters_in_any_order_however_often_end_in_the_same_report(letters: list[tuple[int, str]]) -> None:
    (at, text), *others = letters
    first = other(text)
    report = Report.receive(
        Channel.HOTLINE_12345, first, raw(first), receipt="HZ-1", vault=VAULT, at=AT, cause="r", said=(at, 0)
    )
    for at, text in others:
        said_at(report, other(text), at)

    assert texts(report) == ["甲", "乙", "丙", "丁"]
