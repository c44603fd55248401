"""What is to be equal between the services, as data."""

from infra.reconciliation.comparison import Check, Side

SERVICES = ("complaints", "tasks", "notify", "assessment")


def _side(name: str) -> Side:
    service, _, ledger = name.partition(".")
    return Side(service, ledger)


def _check(title: str, title_zh: str, left: str, right: str) -> Check:
    return Check(title, title_zh, _side(left), _side(right))


CHECKS = (
    _check(
        "every report is in exactly one case", "每条来件归入且仅归入一个案件", "complaints.reports", "complaints.held"
    ),
    _check("every filed case has a lead assignment", "每个立案案件都有牵头任务", "complaints.filed", "tasks.leads"),
    _check("tasks know the newest of their case", "任务与案件最新状态一致", "complaints.for_tasks", "tasks.heard"),
    _check("cases know the newest of their tasks", "案件与任务最新状态一致", "complaints.seen_tasks", "tasks.of_cases"),
    _check("every assignment is in one notice", "每项任务有且仅有一份交办单", "tasks.assignments", "notify.notices"),
    _check("every notice is delivered once", "每份交办单投递一次", "tasks.assignments", "notify.deliveries"),
    _check("case counters equal a recount", "案件计数与重新清点一致", "complaints.to_count", "complaints.counted"),
    _check("task counters equal a recount", "任务计数与重新清点一致", "tasks.to_count", "tasks.counted"),
    _check("indicators have counted every case", "指标已计入每个案件", "complaints.cases", "assessment.filed"),
    _check("indicators have counted every task due", "指标已计入每项应办任务", "tasks.case_tasks", "assessment.due"),
    _check(
        "indicators have counted every task issued", "指标已计入每项下达任务", "tasks.case_tasks", "assessment.issued"
    ),
)
