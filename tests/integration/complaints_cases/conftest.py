"""One running service of complaints for what is tried on its cases; every test uses numbers of its own."""

from collections.abc import Iterator

import pytest

from tests.integration.complaints_running import Complaints, complaints_running


@pytest.fixture(scope="package")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """The service."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running
