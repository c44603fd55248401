"""What an aggregate calls itself in its events is not hidden by a field of the same name."""

from infra.messaging.outbox import Aggregate
from services.complaints.case import Case


def test_no_field_of_a_case_hides_what_its_events_are_addressed_with() -> None:
    hidden = [name for name in vars(Aggregate) if not name.startswith("_") and name not in Aggregate._fields]

    assert "subject" in hidden
    assert [name for name in hidden if name in Case._fields] == []
    assert Case(id="c1").subject == "case/c1"
