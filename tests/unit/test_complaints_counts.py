"""A case counts once by status and once by the channel of its first report; the two never mix."""

import msgspec

from services.complaints.case_counts import by_channel, by_status, counted
from services.complaints.contracts import CaseStatus, Channel
from tests.unit.case_samples import case

COUNTS = {"filed": 3, "closed": 2, "channel:inspection": 4, "channel:hotline_12345": 1}


def test_the_first_report_names_the_channel_and_those_that_joined_do_not() -> None:
    state = msgspec.structs.replace(case().state(), channels=[Channel.PATROL, Channel.HOTLINE_12345])

    assert list(counted(state, "case/1", 1).labels) == ["filed", "channel:patrol"]


def test_a_case_that_gave_its_reports_away_counts_under_no_channel() -> None:
    state = msgspec.structs.replace(case().state(), channels=[], status=CaseStatus.MERGED)

    assert list(counted(state, "case/1", 1).labels) == ["merged"]


def test_counts_by_status_and_by_channel_are_told_apart() -> None:
    assert by_status(COUNTS) == {"filed": 3, "closed": 2}
    assert by_channel(COUNTS) == {"inspection": 4, "hotline_12345": 1}
