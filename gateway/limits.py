"""How much one query may ask: its depth, and its cost counted before it runs.

Cost is the number of fields that an answer may hold: lists multiply what is inside them by `first` (connections,
bulletins; a literal, a variable or the variable's default) or by their usual length; a list of plain values counts as
many as it usually has. `__schema` and `__type` count like other fields, without multiplication.
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
    value_from_ast_untyped,
)

from infra.problem import InvalidInput

USUAL_PAGE = 20
LONGEST_PAGE = 50
PAGES = frozenset(
    {
        "cases",
        "tasks",
        "bulletins",
        "deskQueue",
        "reports",
        "workList",
        "supervisions",
        "hotMatters",
        "hotspots",
        "misfits",
    }
)
USUAL_LENGTHS = {
    "children": 20,
    "departments": 45,
    "units": 20,
    "dutyUnits": 300,
    "leadUnits": 3,
    "rows": 50,
    "history": 12,
    "reasons": 4,
    "deliveries": 5,
    "indicators": 9,
    "caseChannels": 5,
    "taskCountsBy": 10,
    "closings": 2,
    "parts": 6,
    "misfitCounts": 14,
    "reads": 3,
    "standardDifferences": 50,
    "changed": 2,
    "routingHistory": 50,
    "materials": 5,
    "photos": 3,
    "deadlines": 1,
    "facts": 3,
    "routes": 50,
    "tried": 5,
    "assisting": 2,
    "ratings": 2,
    "absorbed": 3,
    "suggestions": 4,
    "dismissed": 2,
    "requests": 2,
    "categories": 120,
    "replyTemplates": 10,
    "voidReasons": 10,
    "citizenAnswers": 3,
    "editions": 5,
    "versions": 2,
    "personal": 6,
    "unmaskedReads": 10,
    "others": 2,
}
USUAL_VALUES = {
    "channels": 2,
    "receipts": 3,
    "evidence": 3,
    "may": 20,
    "missing": 3,
    "closingConditions": 3,
    "placeholders": 5,
    "desk": 2,
    "revised": 1,
    "escalatedBy": 1,
    "assists": 2,
    "kinds": 2,
}
COMMAND_COST = 400
MOST_NODES = 20_000
INTROSPECTION = ("__schema", "__type")


class QuerySize:
    """The depth and cost of one operation of a validated document."""

    def __init__(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        self._operation, self._variables = operation, _defaults(operation) | dict(variables)
        self._seen = 0
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def cost(self) -> int:
        """How many fields the answer may hold; a command counts for many."""
        commands = self._operation.operation.value == "mutation"
        return self._inside(self._operation.selection_set, COMMAND_COST if commands else 0)

    def depth(self) -> int:
        """The longest way from the root to a leaf, in fields; introspection aside."""
        return self._depth(self._operation.selection_set)

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
        return sum(extra + self._of(node) for node in self._fields(selections))

    def _of(self, node: FieldNode) -> int:
        if node.selection_set is None:
            return USUAL_VALUES.get(node.name.value, 1)
        return 1 + self._times(node) * self._inside(node.selection_set)

    def _depth(self, selections: SelectionSetNode | None) -> int:
        return max(
            (1 + self._depth(n.selection_set) for n in self._fields(selections) if n.name.value not in INTROSPECTION),
            default=0,
        )

    def _times(self, node: FieldNode) -> int:
        name = node.name.value
        return self._first(node) if name in PAGES else USUAL_LENGTHS.get(name, 1)

    def _first(self, node: FieldNode) -> int:
        for argument in node.arguments:
            if argument.name.value == "first":
                value, said = argument.value, None
                if isinstance(value, IntValueNode):
                    said = int(value.value)
                elif isinstance(value, VariableNode):
                    said = _whole(self._variables.get(value.name.value))
                return USUAL_PAGE if said is None else max(1, said)
        return USUAL_PAGE


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """The values of the operation's variables where the caller gives none."""
    return {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions
        if one.default_value is not None
    }


def _whole(value: object) -> int | None:
    """A number as GraphQL takes it for an Int (50.0 is 50); None for anything else, which it will refuse."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def check_size(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    *,
    depth_limit: int,
    cost_limit: int,
) -> None:
    """Pass when the operation is within the limits. Raises InvalidInput, which says how large it is."""
    size = QuerySize(document, operation, variables)
    if (depth := size.depth()) > depth_limit:
        raise InvalidInput(
            f"the query is {depth} levels deep, the limit is {depth_limit}",
            f"查询嵌套{depth}层，超过上限{depth_limit}层",
            field="query",
            depth=depth,
        )
    if (cost := size.cost()) > cost_limit:
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
