"""How a mutation is made: Relay's input and payload, the permission, the version seen, and the command behind it."""

from functools import partial
from typing import Any

import graphene
import msgspec
from graphene.utils.str_converters import to_camel_case

from gateway.ids import local_id
from gateway.inquiry import Inquiry, inquiry
from gateway.permissions import KNOWN_TO_ALL, Guarded, Permission, enforce, part_of
from gateway.schema.case import Case
from gateway.schema.task import Task
from infra.problem import Problem
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import CaseView
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import TaskView

_OWN_WORDS = {"seen": "seenVersion", "task_id": "id", "case_id": "id"}


class Noun(msgspec.Struct, frozen=True):
    """What commands are about: its GraphQL type, its view, the service that owns it."""

    name: str
    node: Any
    view: Any
    service: str

    @property
    def id_argument(self) -> str:
        """What the service calls the id: `task_id`."""
        return f"{self.name}_id"

    async def load(self, asking: Inquiry, wanted: str) -> Any:
        """The thing as it is now. Raises NotFound."""
        return await (asking.loaders.task(wanted) if self.view is TaskView else asking.loaders.case(wanted))

    def keep(self, asking: Inquiry, view: Any) -> None:
        """Let what the payload selects start from the changed thing."""
        if self.view is TaskView:
            asking.loaders.keep_task(view)
        else:
            asking.loaders.keep_case(view)


TASK = Noun("task", Task, TaskView, TASKS)
CASE = Noun("case", Case, CaseView, COMPLAINTS)


def command(noun: Noun, method: str, permission: Permission, description: str, **words: graphene.Scalar) -> Guarded:
    """A mutation field: the service's `method` on a `noun`, with `words` as further input fields."""
    base = to_camel_case(f"_{method}").removeprefix("_")
    envelope = {
        "id": graphene.ID(required=True, description=f"of the {noun.name}: global id, or the domain's own"),
        "seen_version": graphene.Int(required=True, description="the version that the officer looked at"),
        "client_mutation_id": graphene.String(),
    }
    wanted = type(f"{base}Input", (graphene.InputObjectType,), envelope | words | {"__doc__": f"Input of {method}."})
    fields = {noun.name: graphene.Field(noun.node), "client_mutation_id": graphene.String()}
    payload = type(f"{base}Payload", (graphene.ObjectType,), fields | {"__doc__": f"The {noun.name} as it is now."})
    return Guarded(
        part_of(KNOWN_TO_ALL)(payload),
        permission=permission,
        description=description,
        args={"input": graphene.Argument(wanted, required=True)},
        resolver=partial(_run, noun, method, permission, payload),
    )


async def _run(
    noun: Noun, method: str, permission: Permission, payload: Any, root: Any, info: Any, input: dict[str, Any]
) -> Any:
    asking = inquiry(info)
    words = dict(input)
    client_id = words.pop("client_mutation_id", None)
    wanted, seen = local_id(noun.node.__name__, words.pop("id")), words.pop("seen_version")
    asking.start_anew()
    enforce(permission, asking.officer, await noun.load(asking, wanted))
    try:
        view = await _send(asking, noun, method, wanted, seen, words)
    except Problem as problem:
        raise _in_own_words(problem) from problem
    asking.start_anew()
    noun.keep(asking, view)
    return payload(**{noun.name: view}, client_mutation_id=client_id)


async def _send(asking: Inquiry, noun: Noun, method: str, wanted: str, seen: int, words: dict[str, Any]) -> Any:
    answer = await asking.desk.command(
        noun.service,
        method,
        **{noun.id_argument: wanted},
        seen=seen,
        by=msgspec.to_builtins(asking.officer),
        cause=asking.cause,
        **words,
    )
    return msgspec.convert(answer, noun.view)


def _in_own_words(problem: Problem) -> Problem:
    """`problem` with its field named as the caller wrote it."""
    body = problem.as_json()
    if problem.field is not None:
        body["field"] = _OWN_WORDS.get(problem.field, to_camel_case(problem.field))
    return Problem.from_json(body)
