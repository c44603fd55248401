"""An aggregate that is brought back from its document without assigning field by field is the one that mongoengine
makes of it."""

from typing import Any

import pytest
from mongoengine import ValidationError

from infra.messaging.loaded import brought_back, validate
from infra.messaging.outbox import Aggregate
from services.complaints.case import Case
from services.complaints.contracts import Suggestion
from services.tasks.contracts import TaskStatus
from services.tasks.task import Task
from tests.unit import case_samples, tasks_made


def stored(one: Aggregate) -> dict[str, Any]:
    """The document of `one`, with an empty outbox."""
    return dict(one.to_mongo()) | {"outbox": [], "outbox_since": None}


def plain(one: Aggregate) -> dict[str, Any]:
    """Every field as its attribute tells it."""
    return {name: getattr(one, name) for name in type(one)._fields}


@pytest.mark.parametrize("made", [case_samples.case(), tasks_made.case_task()])
def test_it_has_every_field_with_its_value_or_its_default(made: Aggregate) -> None:
    for document in (stored(made), {"_id": "few", "version": 3, "status": stored(made)["status"]}):
        ours, theirs = brought_back(type(made), dict(document)), type(made)._from_son(dict(document))
        assert plain(ours) == plain(theirs)
        assert ours.to_mongo() == theirs.to_mongo()
        assert ours._changed_fields == []


def test_what_is_assigned_is_known_and_what_stays_as_it_was_is_not() -> None:
    case = brought_back(Case, stored(case_samples.case()))
    case.title, case.is_open, case.suggestions = "另一标题", case.is_open, list(case.suggestions)
    assert case._changed_fields == ["title"]
    case.suggestions = [Suggestion(case_id="c2", number="2", score=0.5, why="")]
    assert case._changed_fields == ["title", "suggestions"]


def test_a_state_comes_back_as_a_state() -> None:
    assert brought_back(Task, stored(tasks_made.case_task())).status is TaskStatus.ISSUED


def test_a_field_that_is_assigned_is_checked() -> None:
    case = brought_back(Case, stored(case_samples.case()))
    case.title, case.limit_amount = None, "viel"
    with pytest.raises(ValidationError, match="title") as error:
        validate(case, case._changed_fields)
    assert sorted(error.value.errors) == ["limit_amount", "title"]
