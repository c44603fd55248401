"""From a question to an answer: parse, validate, measure, execute."""

import functools
from typing import Any

import graphql
import msgspec
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)

from gateway.inquiry import Inquiry
from gateway.limits import check_size
from gateway.schema import SCHEMA
from infra.problem import InvalidInput, Problem

MOST_TOKENS = 4000
CACHED_LENGTH = 8192  # longer texts are parsed anew each time, so that the cache stays small


class Question(msgspec.Struct, frozen=True):
    """A GraphQL request as it came."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


class RequestErrors(Exception):
    """The question cannot be executed at all: there will be no data."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class Plan(msgspec.Struct, frozen=True):
    """A question that may be executed."""

    question: Question
    document: DocumentNode
    operation: OperationDefinitionNode

    @property
    def changes_something(self) -> bool:
        """Whether it is a mutation."""
        return self.operation.operation is OperationType.MUTATION


def plan(question: Question, *, depth_limit: int, cost_limit: int) -> Plan:
    """The question parsed, validated and measured. Raises RequestErrors."""
    read = _read if len(question.query) <= CACHED_LENGTH else _read.__wrapped__
    document, errors = read(question.query)
    if errors or document is None:
        raise RequestErrors(list(errors))
    operation = get_operation_ast(document, question.operation_name)
    if operation is None:
        raise RequestErrors([_as_graphql(_no_operation(question.operation_name))])
    try:
        check_size(document, operation, question.variables, depth_limit=depth_limit, cost_limit=cost_limit)
    except Problem as problem:
        raise RequestErrors([_as_graphql(problem)]) from problem
    return Plan(question, document, operation)


async def execute(planned: Plan, asking: Inquiry) -> ExecutionResult:
    """Data and errors. Raises RequestErrors where the variables do not fit the operation."""
    question = planned.question
    coming = graphql.execute(
        SCHEMA.graphql_schema,
        planned.document,
        context_value=asking,
        variable_values=question.variables,
        operation_name=question.operation_name,
    )
    result = coming if isinstance(coming, ExecutionResult) else await coming
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        raise RequestErrors(result.errors)
    return result


@functools.lru_cache(maxsize=128)
def _read(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(SCHEMA.graphql_schema, document, max_errors=20))


def _no_operation(name: str | None) -> InvalidInput:
    return InvalidInput(
        f"the document has no single operation {name or ''}".rstrip(), "请指明要执行的操作名称", field="operationName"
    )


def _as_graphql(problem: Problem) -> GraphQLError:
    return GraphQLError(problem.detail, original_error=problem)
