"""What the officers of the demonstration do: a part of the work is accepted, handled and submitted, a part closed.

Who does what is fixed by the number of the thing (a digest), so that two runs over the same feed do the same.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cli.demonstration.portal import Portal
from infra.local.instance import Instance
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry

PAGE = 50
ACCEPTED, RETURNED, SUBMITTED, CLOSED, REWORKED, ANSWERED = 0.85, 0.03, 0.75, 0.8, 0.05, 0.6
SIDE_BY_SIDE = 6  # portals that work at the same time

TASKS = """query($unit: String!, $statuses: [TaskStatus!], $first: Int!, $after: String) {
  unit(path: $unit) { tasks(coordinate: RESPONSIBLE, source: CASE, statuses: $statuses, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { taskId version title role responsibleUnit { shortName } } } } } }"""
CASES = """query($unit: String!, $statuses: [CaseStatus!], $first: Int!, $after: String) {
  unit(path: $unit) { cases(statuses: $statuses, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { caseId version categoryName } } } } }"""

Thing = dict[str, Any]


def share(number: str, purpose: str) -> float:
    """A number from 0 to 1 that belongs to this thing and purpose for ever."""
    return int.from_bytes(hashlib.sha256(f"{purpose}:{number}".encode()).digest()[:4]) / 2**32


def offices(instance: Instance, registry: Registry) -> list[Portal]:
    """One office per district and zone, the headquarters' office for what belongs to the city's departments."""
    found = [
        Portal(instance, Officer(Role.DISTRICT, unit.path, f"{unit.name}创建办")) for unit in registry.second_tier()
    ]
    city = registry.city.path
    return [*found, Portal(instance, Officer(Role.CITY_OFFICE, city, "总指挥部办公室值班员"))]


def desk(instance: Instance, registry: Registry) -> Portal:
    """The hotline's desk."""
    return Portal(instance, Officer(Role.CITY_OFFICE, registry.city.path, "热线受理席"))


def handle(portals: list[Portal], done: Callable[[int], None]) -> dict[str, int]:
    """Let every office accept, return and submit its part; how many of each. `done` is told as each office finishes."""
    counts = {"accepted": 0, "returned": 0, "submitted": 0}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for found in pool.map(_work_through, portals):
            counts = {name: counts[name] + found[name] for name in counts}
            done(1)
    return counts


def _work_through(portal: Portal) -> dict[str, int]:
    issued = list(_all(portal, TASKS, "tasks", ["ISSUED"]))
    returning = [one for one in issued if share(one["taskId"], "return") < RETURNED]
    accepting = [one for one in issued if one not in returning and share(one["taskId"], "accept") < ACCEPTED]
    reason = {"reason": "经核实不属于本单位职责范围，申请退回"}
    counts = {
        "returned": len(returning) - len(portal.act("returnTask", [_task(one) | reason for one in returning])),
        "accepted": len(accepting) - len(portal.act("acceptTask", [_task(one) for one in accepting])),
    }
    taken = _all(portal, TASKS, "tasks", ["ACCEPTED", "IN_PROGRESS"])
    ready = [one for one in taken if share(one["taskId"], "submit") < SUBMITTED]
    _submit(portal, [one for one in ready if one["role"] == "ASSIST"])  # first: the lead waits for its assistants
    return counts | {"submitted": _submit(portal, [one for one in ready if one["role"] == "LEAD"])}


def _submit(portal: Portal, tasks: list[Thing]) -> int:
    """Submit them; how many were taken. Only those in the lead bring their case to the check."""
    results = [
        _task(one) | {"result": f"{one['responsibleUnit']['shortName']}已现场处置完毕，问题已整改"} for one in tasks
    ]
    return len(tasks) - len(portal.act("submitTask", results))


def check(portal: Portal) -> dict[str, int]:
    """Let the desk close a part of what was submitted, ask for rework of a few, and answer a part of the enquiries."""
    checking = list(_all(portal, CASES, "cases", ["CHECKING"]))
    rework = [one for one in checking if share(one["caseId"], "rework") < REWORKED]
    close = [one for one in checking if one not in rework and share(one["caseId"], "close") < CLOSED]
    waiting = [one for one in _all(portal, CASES, "cases", ["RECEIVED"]) if share(one["caseId"], "answer") < ANSWERED]
    closing = {
        "condition": "现场核查问题已消除",
        "why": "演示数据，统一按现场核查结果结案",
        "reply": "您反映的问题已由属地单位处置完毕，感谢您对文明城市创建工作的支持。",
    }
    again = {"reason": "现场核查仍有遗留，请原单位继续整改"}
    answer = {"reply": "您的来件已收悉，相关政策已由工作人员电话说明，感谢您的关注。"}
    return {
        "closed": len(close) - len(portal.act("closeCase", [_case(one) | closing for one in close])),
        "reworked": len(rework) - len(portal.act("requestRework", [_case(one) | again for one in rework])),
        "answered": len(waiting) - len(portal.act("answerCase", [_case(one) | answer for one in waiting])),
    }


def _all(portal: Portal, query: str, name: str, statuses: list[str]) -> Iterator[Thing]:
    after = None
    while True:
        data = portal.ask(query, unit=portal.officer.unit, statuses=statuses, first=PAGE, after=after)
        page = data["unit"][name]
        yield from (edge["node"] for edge in page["edges"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def _task(task: Thing) -> Thing:
    return {"id": task["taskId"], "seenVersion": task["version"]}


def _case(case: Thing) -> Thing:
    return {"id": case["caseId"], "seenVersion": case["version"]}
