"""The table of states: every step leads exactly where DOMAIN.md says, and nowhere else."""

import pytest

from infra.problem import Refused
from services.complaints.case_states import ENDED, FOLLOWING, STATUS_ZH, TRANSITIONS, Step, after, way
from services.complaints.contracts import CaseStatus as S

EXPECTED = {
    (Step.VERIFY, S.RECEIVED): S.VERIFYING,
    (Step.FILE, S.RECEIVED): S.FILED,
    (Step.FILE, S.VERIFYING): S.FILED,
    (Step.ANSWER, S.RECEIVED): S.ANSWERED,
    (Step.ANSWER, S.VERIFYING): S.ANSWERED,
    (Step.SPLIT, S.MERGED): S.FILED,
    (Step.SPLIT_UNFILED, S.MERGED): S.RECEIVED,
    (Step.VOID, S.RECEIVED): S.VOIDED,
    (Step.VOID, S.VERIFYING): S.VOIDED,
    (Step.VOID, S.FILED): S.VOIDED,
    (Step.VOID, S.DISPATCHED): S.VOIDED,
    (Step.MERGE, S.RECEIVED): S.MERGED,
    (Step.MERGE, S.VERIFYING): S.MERGED,
    (Step.MERGE, S.FILED): S.MERGED,
    (Step.MERGE, S.DISPATCHED): S.MERGED,
    (Step.UNFILE, S.VERIFYING): S.RECEIVED,
    (Step.UNFILE, S.FILED): S.RECEIVED,
    (Step.UNFILE, S.DISPATCHED): S.RECEIVED,
    (Step.REVERIFY, S.FILED): S.VERIFYING,
    (Step.REVERIFY, S.DISPATCHED): S.VERIFYING,
    (Step.DISPATCH, S.FILED): S.DISPATCHED,
    (Step.DISPATCH, S.REOPENED): S.DISPATCHED,
    (Step.REDISPATCH, S.HANDLING): S.DISPATCHED,
    (Step.HANDLE, S.DISPATCHED): S.HANDLING,
    (Step.CHECK, S.HANDLING): S.CHECKING,
    (Step.RECTIFY, S.CHECKING): S.HANDLING,
    (Step.REWORK, S.CHECKING): S.HANDLING,
    (Step.CLOSE, S.CHECKING): S.CLOSED,
    (Step.REOPEN, S.CLOSED): S.REOPENED,
}


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", S)
def test_a_step_leads_where_the_table_says_and_is_refused_elsewhere(step: Step, status: S) -> None:
    if (step, status) in EXPECTED:
        assert after(step, status) == EXPECTED[step, status]
    else:
        with pytest.raises(Refused):
            after(step, status)


def test_a_refusal_names_the_present_status_and_those_that_would_do_in_both_languages() -> None:
    with pytest.raises(Refused) as refusal:
        after(Step.CLOSE, S.FILED)

    assert refusal.value.as_json() == {
        "type": "urn:wenming:problem:refused",
        "code": "refused",
        "status": 409,
        "detail": "a case that is filed cannot take the step close; only one that is checking can",
        "detail_zh": "案件已立案，不能结案；仅核查中的案件可以",
        "field": "status",
        "current_status": "filed",
    }


def test_every_step_and_every_status_has_its_place_in_the_tables() -> None:
    assert set(TRANSITIONS) == set(Step)
    assert set(STATUS_ZH) == set(S)


@pytest.mark.parametrize(
    ("status", "target", "steps"),
    [
        (S.FILED, S.FILED, []),
        (S.FILED, S.DISPATCHED, [Step.DISPATCH]),
        (S.FILED, S.CHECKING, [Step.DISPATCH, Step.HANDLE, Step.CHECK]),
        (S.HANDLING, S.DISPATCHED, [Step.REDISPATCH]),
        (S.CHECKING, S.DISPATCHED, [Step.RECTIFY, Step.REDISPATCH]),
        (S.REOPENED, S.HANDLING, [Step.DISPATCH, Step.HANDLE]),
        (S.RECEIVED, S.DISPATCHED, None),
        (S.CLOSED, S.HANDLING, None),
        (S.HANDLING, S.CLOSED, None),
    ],
)
def test_the_way_behind_a_task_is_the_shortest_or_none(status: S, target: S, steps: list[Step] | None) -> None:
    assert way(status, target) == steps


@pytest.mark.parametrize("ended", sorted(ENDED))
def test_a_task_moves_no_case_that_has_ended(ended: S) -> None:
    assert all(ended not in TRANSITIONS[step].before for step in FOLLOWING)
