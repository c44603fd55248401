"""A service ends when it is asked to."""

from pathlib import Path

from tests.integration.one_service import own_host, running

SERVICE = "services.assessment.service:AssessmentService"


def test_a_service_that_is_asked_twice_to_end_ends_cleanly(tmp_path: Path) -> None:
    with own_host() as settings, running(SERVICE, settings, tmp_path) as service:
        assert service.stop(asked=2) == 0
