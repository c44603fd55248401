"""No method of a service is called with what it does not take: the call is refused with the name of the argument."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameko.exceptions import IncorrectSignature

from infra.messaging.rpc import Rpc
from infra.messaging.rpc_arguments import Arguments
from infra.problem import InvalidInput
from services.assessment.service import AssessmentService
from services.complaints.service import ComplaintsService
from services.notify.service import NotifyService
from services.tasks.service import TasksService

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def methods(service: type) -> list[Callable[..., Any]]:
    """Its RPC methods."""
    found = (one for _, one in inspect.getmembers(service, inspect.isfunction))
    return [one for one in found if any(isinstance(e, Rpc) for e in getattr(one, "nameko_entrypoints", ()))]


METHODS = [
    one for service in (ComplaintsService, TasksService, AssessmentService, NotifyService) for one in methods(service)
]


def close(self: object, case_id: str, seen: int, tags: list[str], why: str = "", at: str | None = None) -> None:
    """A method."""


def test_what_a_method_takes_passes_also_where_it_may_be_left_out() -> None:
    Arguments(close).check(["c1", 3, []], {"at": None})
    Arguments(close).check(["c1", 3], {"tags": ["a"], "why": "b"})


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"why": None}, "why"),
        ({"seen": "3"}, "seen"),
        ({"seen": True}, "seen"),
        ({"tags": ["a", 1]}, "tags"),
        ({"case_id": ["c1"]}, "case_id"),
        ({"at": 5}, "at"),
    ],
)
def test_an_argument_of_another_type_is_refused_by_its_name(wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Arguments(close).check([], {"case_id": "c1", "seen": 3, "tags": []} | wrong)
    assert (refused.value.field, refused.value.detail_zh) == (name, f"参数{name}的类型或格式不正确")


def test_a_call_that_lacks_an_argument_or_has_one_too_many_is_no_call_of_the_method() -> None:
    for kwargs in ({"case_id": "c1", "seen": 3}, {"case_id": "c1", "seen": 3, "tags": [], "self": 1, "more": 1}):
        with pytest.raises(IncorrectSignature):
            Arguments(close).check([], kwargs)


def test_every_parameter_of_every_method_says_what_it_takes() -> None:
    assert len(METHODS) > 100
    silent = [
        (one.__qualname__, name)
        for one in METHODS
        for name in list(inspect.signature(one).parameters)[1:]
        if get_type_hints(one).get(name, Any) is Any
    ]
    assert silent == []


@given(st.sampled_from(METHODS), st.data())
def test_whatever_json_is_sent_passes_as_its_type_or_is_refused(
    method: Callable[..., Any], data: st.DataObject
) -> None:
    names, hints = list(inspect.signature(method).parameters)[1:], get_type_hints(method)
    sent = {name: data.draw(JSON, name) for name in names}
    try:
        Arguments(method).check([], sent)
    except InvalidInput as refused:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(sent[str(refused.field)], hints[str(refused.field)])
    else:
        assert {name: msgspec.convert(value, hints[name]) for name, value in sent.items()} == sent
