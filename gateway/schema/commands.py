"""How a mutation is made: Relay's input and payload, the permission, the version seen, and the command behind it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import graphene
import msgspec
from graphene.utils.str_converters import to_camel_case

from gateway.guarded import Guarded, part_of
from gateway.ids import local_id
from gateway.inquiry import Inquiry, inquiry
from gateway.permissions import KNOWN_TO_ALL, Permission, enforce
from gateway.schema.case import Case
from gateway.schema.task import Task
from infra.problem import Problem
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import CaseView
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import TaskView

Words = dict[str, Any]
Run = Callable[[Inquiry, Words], Awaitable[Words]]
_OWN_WORDS = {"seen": "seenVersion", "task_id": "id", "case_id": "id"}
SEEN = "the version that the officer looked at"


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


class Command(msgspec.Struct, frozen=True):
    """The service's `method` on a `noun`. `reshape` makes its arguments from the words of the input; `several`: it
    answers with the named thing and the others that it touched."""

    noun: Noun
    method: str
    permission: Permission
    reshape: Callable[[Words], Words]
    several: bool

    async def run(self, asking: Inquiry, words: Words) -> Words:
        """Enforce, send, and remember what came back; the fields of the payload."""
        wanted, seen = local_id(self.noun.node.__name__, words.pop("id")), words.pop("seen_version")
        enforce(self.permission, asking.officer, await self.noun.load(asking, wanted))
        arguments = {self.noun.id_argument: wanted, "seen": seen} | words
        answer = await send(asking, self.noun.service, self.method, **self.reshape(arguments))
        views = msgspec.convert(answer if self.several else [answer], list[self.noun.view])  # type: ignore[name-defined]
        for view in views:
            self.noun.keep(asking, view)
        return {self.noun.name: views[0]} | ({"others": views[1:]} if self.several else {})


def command(
    noun: Noun,
    method: str,
    permission: Permission,
    description: str,
    *,
    named: str | None = None,
    several: bool = False,
    reshape: Callable[[Words], Words] = dict,
    defaults: Mapping[str, Any] | None = None,
    **words: Any,
) -> Guarded:
    """A mutation field: the service's `method` on a `noun`, with `words` as further input fields.

    `named` is its name where that is not the method's; `defaults` are arguments that the caller may leave out.
    """
    envelope = {
        "id": graphene.ID(required=True, description=f"of the {noun.name}: global id, or the domain's own"),
        "seen_version": graphene.Int(required=True, description=SEEN),
    }
    fields = {noun.name: graphene.Field(noun.node)}
    if several:
        fields["others"] = graphene.List(graphene.NonNull(noun.node), required=True, description="that it touched too")
    given = dict(defaults or {})
    doing = Command(noun, method, permission, lambda arguments: reshape(given | arguments), several)
    return mutation(named or method, permission, description, envelope | words, fields, doing.run)


def mutation(
    name: str, permission: Permission, description: str, words: Mapping[str, Any], fields: Mapping[str, Any], run: Run
) -> Guarded:
    """A mutation field with Relay's input (`words`) and payload (`fields`); `run` does it."""
    base, client = to_camel_case(f"_{name}").removeprefix("_"), {"client_mutation_id": graphene.String()}
    envelope = {"__doc__": f"Input of {to_camel_case(name)}."}
    wanted = type(f"{base}Input", (graphene.InputObjectType,), dict(words) | client | envelope)
    told = {"__doc__": "What it is now."}
    payload = type(f"{base}Payload", (graphene.ObjectType,), dict(fields) | client | told)
    return Guarded(
        part_of(KNOWN_TO_ALL)(payload),
        permission=permission,
        description=description,
        args={"input": graphene.Argument(wanted, required=True)},
        resolver=partial(_run, run, payload),
    )


async def send(asking: Inquiry, service: str, method: str, **words: Any) -> Any:
    """The answer of the service to a command of the officer who asks. What was loaded before is forgotten."""
    by = msgspec.to_builtins(asking.officer)
    answer = await asking.desk.command(service, method, **msgspec.to_builtins(words), by=by, cause=asking.cause)
    asking.start_anew()
    return answer


async def _run(run: Run, payload: Any, root: Any, info: Any, input: dict[str, Any]) -> Any:
    asking, words = inquiry(info), _plain(input)
    client_id = words.pop("client_mutation_id", None)
    asking.start_anew()
    try:
        fields = await run(asking, words)
    except Problem as problem:
        raise in_own_words(problem) from problem
    return payload(**fields, client_mutation_id=client_id)


def _plain(given: Any) -> Any:
    """Inputs within the input as plain dicts. What is given as null is not given: no command tells them apart."""
    if isinstance(given, dict):
        return {name: _plain(value) for name, value in given.items() if value is not None}
    return [_plain(one) for one in given] if isinstance(given, list) else given


def in_own_words(problem: Problem) -> Problem:
    """`problem` with its field named as the caller wrote it."""
    body = problem.as_json()
    if problem.field is not None:
        body["field"] = _OWN_WORDS.get(problem.field, to_camel_case(problem.field))
    return Problem.from_json(body)
