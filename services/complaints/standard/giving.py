"""The limit of a matter: the row of the case standard, else of the second table, shortened by urgency; and why."""

from datetime import date

import msgspec

from infra.calendar import ClockUnit
from infra.problem import InvalidInput
from services.complaints.contracts import (
    LimitGiven,
    LimitRow,
    LimitTable,
    Reason,
    RequestKind,
    RowView,
    Urgency,
)
from services.complaints.limits import Limit, factor_of
from services.complaints.standard.choosing import Choice, Declared
from services.complaints.standard.limit_words import WrittenLimit, write_limit
from services.complaints.standard.outside import TERRITORY, row_outside
from services.complaints.standard.tables import InForce, Tables
from services.complaints.triage.category import Category
from services.complaints.triage.request_kind import ZH as KIND_ZH
from services.complaints.triage.urgency import ZH as URGENCY_ZH

EMERGENCY = ClockUnit.URGENT_HOUR
PUT_RIGHT = frozenset({RequestKind.COMPLAINT, RequestKind.TIP_OFF, RequestKind.HELP})


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What a limit depends on. `row` is what a person chose: a code of the standard, "" for outside it, None to let the
    words decide; `street` the path of the territorial unit for `territory` (None where the place is not known)."""

    category: Category
    request_kind: RequestKind
    urgency: Urgency
    title: str
    text: str
    declared: Declared = Declared()
    row: str | None = None
    city: str
    street: str | None = None


def limit_of(matter: Matter, tables: Tables, day: date) -> LimitGiven:
    """The limit by what is in force on `day`. Raises InvalidInput where `matter.row` is not in the standard."""
    force = tables.on(day)
    outside = force.rows(LimitTable.OUTSIDE)[_outside(matter, force).code]
    choice = _chosen(matter, force)
    if choice is None:
        view, why = outside, _why_outside(matter, outside.row)
    else:
        view, why = force.rows(LimitTable.STANDARD)[choice.row.code], choice.why
    given = LimitGiven(
        row_ref=reference(view),
        row=view.row,
        effective_from=view.effective_from,
        factor=1.0,
        amount=view.row.amount,
        clock=view.row.clock,
        default_unit=_unit(view.row.default_unit or outside.row.default_unit, matter),
        why=why,
        closing_conditions=closing_conditions(view.row),
    )
    return hastened(given, matter.urgency, day)


def hastened(given: LimitGiven, urgency: Urgency, day: date) -> LimitGiven:
    """The same row's limit as it is for a case of this `urgency` filed on `day`. One in 紧急工作时 is an emergency's
    already: no urgency shortens it further."""
    factor = 1.0 if given.row.clock == EMERGENCY else factor_of(urgency, day)
    return msgspec.structs.replace(given, factor=factor, amount=given.row.amount * factor)


def moved(given: LimitGiven, matter: Matter) -> LimitGiven:
    """The same row's limit for a matter at another place: a territorial proposal moves along."""
    if given.default_unit is not None and "~" in given.default_unit:
        return given
    return msgspec.structs.replace(given, default_unit=matter.street)


def as_limit(given: LimitGiven) -> Limit:
    """The limit for the case, with the row that gave it."""
    return Limit(given.amount, given.clock, given.row_ref, given.default_unit, given)


def reason_of(given: LimitGiven, urgency: Urgency) -> Reason:
    """The limit in words for people: which row, what it says, why this row, and what urgency made of it."""
    table = "案件标准" if given.row.table == LimitTable.STANDARD else "标准外事项时限表"
    said = f"{given.why}；按{table}“{given.row.code}”（{given.row.title}）限{given.row.limit}"
    if given.row.qualifier:
        said += f"（时限要求为{given.row.qualifier}）"
    if given.factor != 1:
        clock = WrittenLimit(given.amount, given.clock, given.row.qualifier)  # type: ignore[arg-type]
        said += f"；{URGENCY_ZH[urgency]}，按{given.factor:.0%}计为{write_limit(clock)}"
    evidence = [given.row_ref, f"自{given.effective_from.isoformat()}起执行"]
    return Reason(said, evidence + [text for text in (given.row.filing_condition, given.row.because) if text])


def explained(reasons: dict[str, Reason], given: LimitGiven, urgency: Urgency) -> dict[str, Reason]:
    """`reasons` with the one for the limit; what it replaces stays as its evidence."""
    old, new = reasons.get("limit"), reason_of(given, urgency)
    if old is not None and old.text_zh != new.text_zh:
        new = Reason(new.text_zh, [*new.evidence, f"此前：{old.text_zh}"])
    return reasons | {"limit": new}


def reference(view: RowView) -> str:
    """The full name of a row in force: edition, code, and the number of the edit that it reads by."""
    return f"{view.edition}:{view.row.code}" + (f"#{view.edit}" if view.edit is not None else "")


def closing_conditions(row: LimitRow) -> list[str]:
    """The conditions of which closing a matter of this row must name one, or say why it names another."""
    return [one.strip() for one in row.closing_condition.split("；") if one.strip()]


def _chosen(matter: Matter, force: InForce) -> Choice | None:
    standard = force.standard
    if matter.row:
        row = standard.rows.get(matter.row)
        if row is None:
            raise InvalidInput(
                f"no row {matter.row!r} in the case standard", f"案件标准中没有{matter.row}", field="standard_row"
            )
        return Choice(row, "坐席选定", [])
    if matter.row == "" or matter.request_kind not in PUT_RIGHT:
        return None
    return standard.choose(matter.title, matter.text, matter.declared)


def _outside(matter: Matter, force: InForce) -> LimitRow:
    return row_outside(force.outside, matter.request_kind, matter.category.level1, matter.category.code)


def _why_outside(matter: Matter, row: LimitRow) -> str:
    about = f"{matter.category.level1}类{KIND_ZH[matter.request_kind]}"
    about = f"{about}（{matter.category.name}）" if row.category else about
    declared = f"来件所注小类“{matter.declared.minor}”不在案件标准内；" if matter.declared.minor else ""
    return ("坐席认定不属案件标准所列；" if matter.row == "" else declared or "不属案件标准所列；") + about


def _unit(pattern: str | None, matter: Matter) -> str | None:
    if pattern is None:
        return None
    return matter.street if pattern == TERRITORY else f"{matter.city}/{pattern}"
