"""What the tests of the gateway ask for exists: every faked method is one of the service, with its parameters."""

import inspect

import pytest

from infra.local.programs import SERVICES
from infra.messaging.topology import load
from tests.unit.gateway_fakes import FakeServices

FAKED = [
    (service, name.removeprefix(f"{service}_"))
    for service in SERVICES
    for name in dir(FakeServices)
    if name.startswith(f"{service}_")
]


def parameters(method: object) -> list[str]:
    """Its parameters in order, without self."""
    return [name for name in inspect.signature(method).parameters if name != "self"]  # type: ignore[arg-type]


def is_rpc(service: str, method: str) -> bool:
    """Whether the service offers the method over RPC."""
    entrypoints = getattr(getattr(load(SERVICES[service]), method, None), "nameko_entrypoints", ())
    return "Rpc" in {type(one).__name__ for one in entrypoints}


def test_all_four_services_are_faked() -> None:
    assert {service for service, _ in FAKED} == {"complaints", "tasks", "assessment", "notify"}


@pytest.mark.parametrize(("service", "method"), FAKED, ids=[".".join(one) for one in FAKED])
def test_a_faked_method_is_one_of_the_service_with_the_same_parameters(service: str, method: str) -> None:
    assert is_rpc(service, method)
    real = getattr(load(SERVICES[service]), method)
    assert parameters(getattr(FakeServices, f"{service}_{method}")) == parameters(real)
