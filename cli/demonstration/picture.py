"""The picture of city, one district and one street, as their own portals fetch it, printed."""

from typing import Any

from rich.console import Console
from rich.table import Table

from cli.demonstration.portal import Portal

PICTURE = """query($unit: String!) { unit(path: $unit) {
  name caseCounts { total open received dispatched handling checking closed answered }
  taskCounts { total open overdue issued accepted submitted rectifying closed }
  standing { title score rank grade change sites }
  children { name caseCounts { total open closed } taskCounts { open overdue } score rank }
  bulletins(first: 3) { edges { node { number title issuedAt } } } } }"""

CASE_WORDS = {
    "total": "案件总数", "open": "未结", "received": "待答复", "dispatched": "已派遣", "handling": "处置中",
    "checking": "核查中", "closed": "已结案", "answered": "已答复",
}  # fmt: skip
TASK_WORDS = {
    "total": "任务总数", "open": "在办", "overdue": "超期", "issued": "待签收", "accepted": "已签收",
    "submitted": "已申报", "rectifying": "整改中", "closed": "办结",
}  # fmt: skip
MOST_CHILDREN = 20


def show(console: Console, portal: Portal, unit: str) -> None:
    """Fetch the picture of `unit` with `portal`'s token and print it."""
    seen = portal.ask(PICTURE, unit=unit)["unit"]
    console.rule(f"{seen['name']} · {portal.officer.name}所见")
    console.print(_line(CASE_WORDS, seen["caseCounts"]))
    console.print(_line(TASK_WORDS, seen["taskCounts"]))
    console.print(_standing(seen["standing"]))
    if seen["children"]:
        console.print(_children(seen["children"]))
    for edge in seen["bulletins"]["edges"]:
        console.print(f"通报 {edge['node']['number']} {edge['node']['title']}")


def _line(words: dict[str, str], counts: dict[str, int]) -> str:
    return "  ".join(f"{word} {counts[name]}" for name, word in words.items())


def _standing(standing: dict[str, Any] | None) -> str:
    if standing is None:
        return "测评  本单位不参加排名"
    change = standing["change"]
    moved = (
        "首次测评"
        if change is None
        else f"较上轮{'升' if change > 0 else '降'}{abs(change)}位"
        if change
        else "较上轮持平"
    )
    return (
        f"测评  {standing['title']}  得分 {standing['score']}  第 {standing['rank']} 名  {standing['grade']} 级  "
        f"点位 {standing['sites']} 个  {moved}"
    )


def _children(children: list[dict[str, Any]]) -> Table:
    table = Table("下级单位", "案件", "未结", "结案", "在办任务", "超期", "得分", "名次")
    ranked = sorted(children, key=lambda one: (one["rank"] is None, one["rank"] or 0, one["name"]))
    for child in ranked[:MOST_CHILDREN]:
        cases, tasks = child["caseCounts"], child["taskCounts"]
        figures = (cases["total"], cases["open"], cases["closed"], tasks["open"], tasks["overdue"])
        score = "—" if child["score"] is None else f"{child['score']:.2f}"
        table.add_row(child["name"], *map(str, figures), score, str(child["rank"] or "—"))
    return table
