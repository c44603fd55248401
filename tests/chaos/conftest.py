"""One site for all short tests of this directory: two of every service, private servers, links in between."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.site import Holdings, Site
from tests.conftest import HOME


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The running site."""
    home = HOME / "chaos"
    with Site(home) as site:
        yield site
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def holdings(site: Site) -> Iterator[Holdings]:
    """What its databases hold."""
    holdings = Holdings(site.instance.mongodb_url)
    yield holdings
    holdings.close()


@pytest.fixture
def town_home(site: Site) -> Path:
    """The directory below which `wenming` finds the site."""
    return site.instance.home.parent
