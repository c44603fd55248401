"""How much one query may ask: its depth, and its cost counted before it runs.

Cost is the number of fields that an answer may hold: lists multiply what is inside them by `first` (connections,
bulletins) or by a usual number of units. `__schema` and `__type` count like other fields, without multiplication.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from infra.problem import InvalidInput

USUAL_PAGE = 20
LONGEST_PAGE = 50
UNITS_BELOW = {"children": 20, "departments": 45}
LISTS = frozenset({"cases", "tasks", "bulletins"})
PLAN_ROWS = {"planProgress": 50, "rows": 50}
COMMAND_COST = 400
MOST_NODES = 20_000
INTROSPECTION = ("__schema", "__type")


class QuerySize:
    """The depth and cost of one operation of a validated document."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._seen = 0
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def cost(self, operation: OperationDefinitionNode) -> int:
        """How many fields the answer may hold; a command counts for many."""
        commands = operation.operation.value == "mutation"
        return self._inside(operation.selection_set, COMMAND_COST if commands else 0)

    def depth(self, operation: OperationDefinitionNode) -> int:
        """The longest way from the root to a leaf, in fields; introspection aside."""
        return self._depth(operation.selection_set)

    def _fields(self, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            self._count_one()
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self._fragments[node.name.value].selection_set)
            else:
                yield from self._fields(node.selection_set)  # type: ignore[attr-defined]

    def _count_one(self) -> None:
        """Guard the counting itself: fragments that spread each other grow without bound in a short text."""
        self._seen += 1
        if self._seen > MOST_NODES:
            raise InvalidInput("the query spreads too many fragments", "查询展开的片段过多", field="query")

    def _inside(self, selections: SelectionSetNode | None, extra: int = 0) -> int:
        return sum(
            extra + 1 + self._times(node) * self._inside(node.selection_set) for node in self._fields(selections)
        )

    def _depth(self, selections: SelectionSetNode | None) -> int:
        return max(
            (1 + self._depth(n.selection_set) for n in self._fields(selections) if n.name.value not in INTROSPECTION),
            default=0,
        )

    def _times(self, node: FieldNode) -> int:
        name = node.name.value
        if name in LISTS:
            return self._first(node)
        return UNITS_BELOW.get(name) or PLAN_ROWS.get(name) or 1

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments:
            if argument.name.value == "first":
                value = argument.value
                if isinstance(value, IntValueNode):
                    return max(1, int(value.value))
                if isinstance(value, VariableNode) and isinstance(said := self._variables.get(value.name.value), int):
                    return max(1, said)
        return USUAL_PAGE


def check_size(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    *,
    depth_limit: int,
    cost_limit: int,
) -> None:
    """Pass when the operation is within the limits. Raises InvalidInput, which says how large it is."""
    size = QuerySize(document, variables)
    if (depth := size.depth(operation)) > depth_limit:
        raise InvalidInput(
            f"the query is {depth} levels deep, the limit is {depth_limit}",
            f"查询嵌套{depth}层，超过上限{depth_limit}层",
            field="query",
            depth=depth,
        )
    if (cost := size.cost(operation)) > cost_limit:
        raise InvalidInput(
            f"the query may return {cost} fields, the limit is {cost_limit}",
            f"查询规模{cost}，超过上限{cost_limit}",
            field="query",
            cost=cost,
        )


def page_length(first: int) -> int:
    """`first` where it is a possible length of a page. Raises InvalidInput."""
    if not 1 <= first <= LONGEST_PAGE:
        raise InvalidInput(
            f"first must be between 1 and {LONGEST_PAGE}", f"first 应在1到{LONGEST_PAGE}之间", field="first"
        )
    return first
