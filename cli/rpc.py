"""How commands speak to the services: by RPC, as the gateway does, on behalf of the headquarters' office."""

from typing import Any

import msgspec

from cli.broker_access import connected
from cli.main import Town
from infra.messaging.rpc_client import call_once
from infra.organisation.officer import Officer, Role

PATIENCE = 60.0  # seconds for one call


def office(city: str = "5301") -> dict[str, Any]:
    """The officer for whom the operator's commands act: the headquarters' office of the city."""
    return msgspec.to_builtins(Officer(Role.CITY_OFFICE, city, "总指挥部办公室"))


def call(town: Town, service: str, method: str, *args: Any, patience: float = PATIENCE, **kwargs: Any) -> Any:
    """What the method returns. Raises Problem as the service raised it, Unavailable where it does not answer within
    `patience` seconds, and at once NotReady where there is no broker to ask."""
    with connected(town):
        pass
    return call_once(town.instance.amqp_url, service, method, *args, timeout=patience, **kwargs)
