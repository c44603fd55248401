"""A portal as officers have it: GraphQL over HTTP with their token."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from gateway.settings import TOKEN_SECRET
from gateway.token import issue
from infra.local.instance import Instance
from infra.organisation.officer import Officer
from infra.problem import Problem, Refused

AT_ONCE = 10  # commands in one request


class Portal:
    """The gateway of `instance`, asked by `officer`."""

    def __init__(self, instance: Instance, officer: Officer) -> None:
        self.officer = officer
        self.token = issue(instance.secrets[TOKEN_SECRET], officer, now=datetime.now(UTC), lifetime=timedelta(days=1))
        self._url = instance.addresses()["GraphQL"]
        self._client = httpx.Client(headers={"Authorization": f"Bearer {self.token}"}, timeout=30, trust_env=False)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors. Raises the first error as Problem."""
        answer = self._send(query, variables)
        if errors := answer.get("errors"):
            raise _problem(errors[0])
        return answer["data"]

    def act(self, mutation: str, inputs: Sequence[dict[str, Any]]) -> list[Problem]:
        """Give the same command on several things, some at once; what was refused (an empty list: nothing)."""
        refused: list[Problem] = []
        kind = mutation[0].upper() + mutation[1:] + "Input!"
        for start in range(0, len(inputs), AT_ONCE):
            chosen = inputs[start : start + AT_ONCE]
            names = ", ".join(f"$i{n}: {kind}" for n in range(len(chosen)))
            fields = " ".join(f"m{n}: {mutation}(input: $i{n}) {{ clientMutationId }}" for n in range(len(chosen)))
            answer = self._send(f"mutation({names}) {{ {fields} }}", {f"i{n}": one for n, one in enumerate(chosen)})
            refused += map(_problem, answer.get("errors", ()))
        return refused

    def _send(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        response = self._client.post(self._url, json={"query": query, "variables": variables})
        body: dict[str, Any] = response.json()
        if "errors" not in body and "data" not in body:
            raise Problem.from_json(body)
        return body


def _problem(error: dict[str, Any]) -> Problem:
    extensions = error.get("extensions", {})
    if "code" in extensions and "detail" in extensions:
        return Problem.from_json(extensions)
    return Refused(error["message"], error["message"])
