"""The addresses in the READMEs are those at which `make up` and `make demo` listen."""

import re
from pathlib import Path

import pytest

from infra.local.ports import ports_for

ROOT = Path(__file__).resolve().parents[2]
LOCAL, DEMO = ports_for("local", {}), ports_for("demo", {})


@pytest.mark.parametrize(
    ("readme", "port"),
    [
        ("README.md", LOCAL.gateway),
        ("gateway/README.md", LOCAL.gateway),
        ("services/complaints/README.md", LOCAL.intake),
    ],
)
def test_every_address_in_a_readme_is_the_one_that_make_up_listens_at(readme: str, port: int) -> None:
    written = re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", (ROOT / readme).read_text("utf-8"))
    assert set(written) == {str(port)}


def test_the_ports_of_the_demonstration_are_named_as_well() -> None:
    assert f"`make demo`: {DEMO.gateway}" in (ROOT / "gateway/README.md").read_text("utf-8")
    assert f"`make demo` listens at {DEMO.intake}" in (ROOT / "services/complaints/README.md").read_text("utf-8")
