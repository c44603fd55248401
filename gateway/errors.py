"""Errors in a GraphQL answer: the JSON of infra/problem.py as `extensions`, in English and Chinese.

    Problem                     itself; `message` is its detail
    a query that is not valid   code `invalid_input`, field `query` (or `variables`)
    anything else               code `internal`: the log has it under the request's id, the answer says no more

A service that is down fails every field that needs it. Its entries are folded: one for each field of the query, however
many units the answer names; `fields` says how many it stands for.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLError

from infra.problem import InvalidInput, Problem, Unavailable

log = logging.getLogger(__name__)


class InternalError(Problem):
    """Something broke that is nobody's input; the log knows more."""

    status, code = 500, "internal"


def formatted(errors: Iterable[GraphQLError], cause: str) -> list[dict[str, Any]]:
    """The `errors` of an answer to the request `cause`."""
    return _folded([_entry(error, cause) for error in errors])


def problem_of(error: GraphQLError, cause: str) -> Problem:
    """The problem behind a GraphQL error."""
    original = error.original_error
    if isinstance(original, Problem):
        return original
    if original is None or isinstance(original, GraphQLError):
        field = "variables" if error.message.startswith("Variable ") else "query"
        return InvalidInput(error.message, f"查询有误：{error.message}", field=field)
    log.error("%s failed at %s", cause, error.path, exc_info=original)
    return InternalError(
        "an internal error; please name the request id when you report it", "系统内部错误，请提供请求编号以便查询"
    )


def _entry(error: GraphQLError, cause: str) -> dict[str, Any]:
    problem = problem_of(error, cause)
    entry: dict[str, Any] = {"message": problem.detail}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        entry["path"] = error.path
    return entry | {"extensions": problem.as_json() | {"cause": cause}}


def _folded(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: dict[Any, dict[str, Any]] = {}
    for place, entry in enumerate(entries):
        said = entry["extensions"]
        same = (said.get("service"), _shape(entry.get("path", ())))
        first = kept.setdefault(same if said["code"] == Unavailable.code else place, entry)
        if first is not entry:
            first["extensions"]["fields"] = first["extensions"].get("fields", 1) + 1
    return list(kept.values())


def _shape(path: Sequence[str | int]) -> tuple[str, ...]:
    """The path without the places in lists."""
    return tuple(part for part in path if isinstance(part, str))
