"""Every mutation, with what its input must have and null for all that it may have: what reaches the service are
arguments that the service's method takes."""

from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, is_required_input_field

from gateway.app import create_app
from gateway.schema import SCHEMA
from gateway.settings import GatewaySettings
from infra.messaging.rpc_arguments import Arguments
from infra.organisation.officer import Officer, Role
from infra.problem import Problem
from services.assessment.service import AssessmentService
from services.complaints.service import ComplaintsService
from services.notify.service import NotifyService
from services.tasks.service import TasksService
from tests.unit.gateway_fakes import HUASHAN, SECRET, WUHUA, FakeServices, Town, officer

SERVICES = {one.name: one for one in (ComplaintsService, TasksService, AssessmentService, NotifyService)}
MUTATIONS = SCHEMA.graphql_schema.mutation_type.fields
OFFICERS = [
    officer(Role.CITY_OFFICE),
    officer(Role.HOTLINE_DESK),
    officer(Role.DISTRICT, WUHUA),
    officer(Role.STREET, HUASHAN),
]
SUBJECTS = ("c1", "t1", "s1")
LOADS = {"cases_by_id", "tasks_by_id", "supervisions_by_id"}
SCALARS = {"Int": 1, "Float": 1.0, "Boolean": True, "Date": "2026-03-02", "DateTime": "2026-03-02T01:00:00+00:00"}


class Checked(FakeServices):
    """The services from memory; `heard` names what was called, `wrong` what the real method does not take."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.wrong = list[str](), list[str]()

    async def call(self, service: str, method: str, *args: Any, timeout: float, **kwargs: Any) -> Any:
        self.heard.append(method)
        try:
            Arguments(getattr(SERVICES[service], method)).check(list(args), kwargs)
        except Problem as problem:
            self.wrong.append(f"{service}.{method}: {problem}")
            raise
        return await super().call(service, method, *args, timeout=timeout, **kwargs)


def value(kind: Any, name: str) -> Any:
    """Something of that type."""
    if isinstance(kind, GraphQLNonNull):
        return value(kind.of_type, name)
    if isinstance(kind, GraphQLList):
        return [value(kind.of_type, name)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return filled(kind)
    return HUASHAN if name == "unit" else SCALARS.get(kind.name, "x")


def filled(kind: Any) -> dict[str, Any]:
    """An input with what it must have, and null for the rest."""
    fields = kind.fields.items()
    return {name: value(one.type, name) if is_required_input_field(one) else None for name, one in fields}


def reached(name: str, subject: str, who: Officer) -> tuple[list[str], list[str]]:
    """Which methods were called beyond loading what the mutation is about, and what none of them takes."""
    town, services = Town(), Checked()
    town.app = create_app(GatewaySettings(token_secret=SECRET), services)
    wanted = MUTATIONS[name].args["input"].type.of_type
    given = filled(wanted)
    given |= {"id": subject} if "id" in given else {}
    query = f"mutation($input: {wanted.name}!) {{ {name}(input: $input) {{ clientMutationId }} }}"
    town.ask(query, who, input=given)
    return [one for one in services.heard if one not in LOADS], services.wrong


@pytest.mark.parametrize("name", MUTATIONS)
def test_null_for_whatever_may_be_left_out_reaches_the_service_as_nothing(name: str) -> None:
    tried = ((subject, who) for who in OFFICERS for subject in SUBJECTS)
    found = next((calls, wrong) for subject, who in tried for calls, wrong in [reached(name, subject, who)] if calls)
    assert found[1] == []
