"""案件标准 and the second table: the rows that give limits, read by all, edited by the city's office."""

from datetime import date
from typing import Any

import graphene
import msgspec

from gateway.guarded import Guarded, part_of
from gateway.inquiry import Inquiry, inquiry
from gateway.limits import LONGEST_PAGE, USUAL_PAGE, page_length
from gateway.permissions import EDIT_STANDARD, KNOWN_TO_ALL, enforce
from gateway.schema.case_commands import text
from gateway.schema.commands import SEEN, mutation, send
from gateway.schema.enums import LimitTable
from services.complaints.contracts import SERVICE as COMPLAINTS
from services.complaints.contracts import LimitTable as Table
from services.complaints.contracts import RowDifference as Difference
from services.complaints.contracts import StandardPage


def _of_row(name: str, type_: Any = graphene.String, **kwargs: Any) -> Any:
    """A field of the row itself; null for what the table does not have."""
    return graphene.Field(type_, resolver=lambda root, info: getattr(root.row, name) or None, **kwargs)


@part_of(KNOWN_TO_ALL)
class StandardRow(graphene.ObjectType):
    """A row in force: since when, and, where it was edited, by whom and why."""

    code = _of_row("code", required=True)
    title = _of_row("title", required=True)
    kind = _of_row("kind", description="部件 or 事件")
    major = _of_row("major", description="大类")
    minor = _of_row("minor", description="小类")
    request_kinds = _of_row("request_kinds", description="诉求类型, of the second table")
    subject = _of_row("subject", description="一级主题, of the second table")
    filing_condition = _of_row("filing_condition", description="立案条件")
    closing_condition = _of_row("closing_condition", description="结案条件")
    limit = _of_row("limit", required=True, description="as it is written")
    amount = _of_row("amount", graphene.Float, required=True)
    clock = _of_row("clock", required=True)
    handling_units = _of_row("handling_units", description="as they are written")
    default_unit = _of_row("default_unit")
    because = _of_row("because")
    edition = graphene.String(required=True)
    effective_from = graphene.Date(required=True)
    edit = graphene.Int(description="number of the edit that it reads by")
    by = graphene.String(required=True)
    at = graphene.DateTime()
    why = graphene.String(required=True)


@part_of(KNOWN_TO_ALL)
class StandardEdition(graphene.ObjectType):
    """An imported table."""

    edition = graphene.String(required=True)
    number = graphene.Int(required=True, description="in the order of import; 0 came with the system")
    name = graphene.String(required=True)
    effective_from = graphene.Date(required=True)
    rows = graphene.Int(required=True)
    by = graphene.String(required=True)
    at = graphene.DateTime()
    why = graphene.String(required=True)


@part_of(KNOWN_TO_ALL)
class CaseStandard(graphene.ObjectType):
    """Rows in force on a day, and all editions of the table."""

    version = graphene.Int(required=True, description="what an edit must name as seenVersion")
    day = graphene.Date(required=True)
    total_count = graphene.Int(required=True, description="how many rows fit")
    rows = graphene.List(graphene.NonNull(StandardRow), required=True)
    editions = graphene.List(graphene.NonNull(StandardEdition), required=True)

    def resolve_total_count(self: StandardPage, info: graphene.ResolveInfo) -> int:
        return self.total


@part_of(KNOWN_TO_ALL)
class FieldChange(graphene.ObjectType):
    """What a field of a row said, and says."""

    field = graphene.String(required=True)
    before = graphene.String(required=True)
    after = graphene.String(required=True)


@part_of(KNOWN_TO_ALL)
class RowDifference(graphene.ObjectType):
    """How one row differs between two days."""

    code = graphene.String(required=True)
    title = graphene.String(required=True)
    filing_condition = graphene.String(required=True)
    change = graphene.String(required=True, description="added, removed or changed")
    changed = graphene.List(graphene.NonNull(FieldChange), required=True)

    def resolve_changed(self: Difference, info: graphene.ResolveInfo) -> list[FieldChange]:
        return [FieldChange(field=name, before=old, after=new) for name, (old, new) in self.fields.items()]


class StandardQueries:
    """What can be asked about the tables of limits."""

    case_standard = Guarded(
        CaseStandard,
        permission=KNOWN_TO_ALL,
        description="案件标准: what gives a matter its limit",
        table=LimitTable(default_value=Table.STANDARD),
        day=graphene.Date(description="default: today"),
        search=graphene.String(description="words of class or filing condition"),
        code=graphene.String(description="of one row"),
        first=graphene.Int(required=True, default_value=USUAL_PAGE, description=f"1 to {LONGEST_PAGE}"),
        skip=graphene.Int(required=True, default_value=0),
    )

    standard_differences = Guarded(
        graphene.List(graphene.NonNull(RowDifference)),
        permission=KNOWN_TO_ALL,
        description="how the rows in force differ between two days, as an edition or an edit changed them",
        table=LimitTable(default_value=Table.STANDARD),
        before=graphene.Date(required=True),
        after=graphene.Date(required=True),
    )

    async def resolve_standard_differences(
        self, info: graphene.ResolveInfo, table: Table, before: date, after: date
    ) -> list[Difference]:
        asked = (before.isoformat(), after.isoformat(), table)
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "standard_diff", *asked), list[Difference])

    async def resolve_case_standard(
        self,
        info: graphene.ResolveInfo,
        table: Table,
        first: int,
        skip: int,
        day: date | None = None,
        search: str | None = None,
        code: str | None = None,
    ) -> StandardPage:
        asked = (table, day.isoformat() if day else None, search, code, page_length(first), skip)
        return msgspec.convert(await inquiry(info).desk.ask(COMPLAINTS, "case_standard", *asked), StandardPage)


class RowChanges(graphene.InputObjectType):
    """What is to be changed of a row; what is left out stays."""

    limit = graphene.String(description="in the table's words, e.g. 5天")
    filing_condition = graphene.String()
    closing_condition = graphene.String(description="alternatives separated by ；")
    handling_units = graphene.String()
    because = graphene.String()
    default_unit = graphene.String(description="empty for none")


async def _edit(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    enforce(EDIT_STANDARD, asking.officer, asking.registry.city)
    words["seen"] = words.pop("seen_version")
    page = msgspec.convert(await send(asking, COMPLAINTS, "edit_standard", **words), StandardPage)
    return {"row": page.rows[0] if page.rows else None, "version": page.version}


class StandardCommands:
    """What the city's office can do with the tables of limits."""

    edit_standard = mutation(
        "edit_standard",
        EDIT_STANDARD,
        "修改案件标准 from a day on; cases that are filed keep their limit",
        {
            "code": text("of the row"),
            "changes": RowChanges(required=True),
            "effective_from": graphene.Date(required=True),
            "why": text("it stands in the record"),
            "seen_version": graphene.Int(required=True, description=SEEN),
            "table": LimitTable(default_value=Table.STANDARD),
        },
        {
            "row": graphene.Field(StandardRow, description="null where the day is yet to come"),
            "version": graphene.Int(required=True),
        },
        _edit,
    )
