"""延期, 挂账 and 上报: what a unit may ask for, and what may be granted (DOMAIN.md §4). Pure rules over values.

* At most two extensions are granted (data/request_rules.csv), each of at most one original limit; none is asked for
  after the deadline has passed. A request is judged by the moment at which it was asked: whoever answers it late makes
  nobody else late.
* A suspension ends on a day that the unit chooses, within one year; one per task (the same table); none after the
  deadline has passed.
* A raise (上报提级) asks that the duty move upward; none after the deadline has passed (raising_rules.py).
* One request waits at a time. Every answer keeps who, when and why; a refusal does not count.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from infra.problem import InvalidInput, Refused
from services.tasks.request_figures import longest_suspension, most_extensions, most_suspensions

Requests = Sequence[Mapping[str, Any]]


class Ask(StrEnum):
    """What a unit can ask for."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    RAISE = "raise"


ASK_ZH = {Ask.EXTENSION: "延期", Ask.SUSPENSION: "挂账", Ask.RAISE: "上报提级"}


def waiting(requests: Requests) -> Mapping[str, Any] | None:
    """The request that waits for its answer."""
    return requests[-1] if requests and requests[-1].get("decided_at") is None else None


def granted(requests: Requests, kind: Ask) -> int:
    """How many requests of that kind were granted."""
    return sum(one["kind"] == kind and one.get("granted") is True for one in requests)


def check_none_waits(requests: Requests) -> None:
    """Raises Refused where a request waits."""
    found = waiting(requests)
    if found is not None:
        raise Refused(
            f"the request for {found['kind']} of {found['at'].isoformat()} waits for its answer",
            f"{ASK_ZH[Ask(found['kind'])]}申请尚未答复，不能再次申请",
            waiting=found["kind"],
        )


def check_in_time(kind: Ask, at: datetime, deadline: datetime) -> None:
    """Raises Refused where the deadline has passed."""
    if at > deadline:
        raise Refused(
            f"the deadline passed at {deadline.isoformat()}: no {kind} any more",
            f"期限已过，不能{ASK_ZH[kind]}",
            deadline=deadline.isoformat(),
        )


def check_extension(
    requests: Requests,
    until: datetime,
    asked_at: datetime,
    *,
    deadline: datetime,
    latest: datetime,
    bound: datetime | None = None,
) -> None:
    """Raises Refused where no extension is possible, InvalidInput (until) where `until` is not after the deadline,
    after `latest` (one original limit later), or after `bound`, the deadline of the duty of which the task is a
    part. Whether it was asked in time is `check_in_time`'s question."""
    most = most_extensions(asked_at)
    if granted(requests, Ask.EXTENSION) >= most:
        raise Refused(f"it may be extended {most} times and has been", f"已延期{most}次，不能再延期", most=most)
    if until <= deadline:
        raise InvalidInput("until is not after the deadline", "延期后的期限应晚于原期限", field="until")
    if until > latest:
        raise InvalidInput(
            f"until lies more than one original limit later, after {latest.isoformat()}",
            "每次延期不得超过一个原办理时限",
            field="until",
            latest=latest.isoformat(),
        )
    check_bound(until, bound, field="until")


def check_suspension(
    requests: Requests, until: datetime, at: datetime, *, deadline: datetime, bound: datetime | None = None
) -> None:
    """Raises Refused where no suspension is possible, InvalidInput (until) where it would last too long, or end
    only after `bound`, the deadline of the duty of which the task is a part."""
    check_in_time(Ask.SUSPENSION, at, deadline)
    most, longest = most_suspensions(at), longest_suspension(at)
    if granted(requests, Ask.SUSPENSION) >= most:
        raise Refused(f"it may be suspended {most} times and has been", f"已挂账{most}次，不能再挂账", most=most)
    if not at < until <= at + longest:
        latest = (at + longest).isoformat()
        words = f"a suspension lasts {longest.days} days at most, until {latest}"
        raise InvalidInput(words, f"挂账应在{longest.days}天之内到期", field="until", latest=latest)
    check_bound(until, bound, field="until")


def check_bound(until: datetime, bound: datetime | None, *, field: str) -> None:
    """Raises InvalidInput where a part would last longer than the duty that it belongs to, until `bound`."""
    if bound is not None and until > bound:
        raise InvalidInput(
            f"{field} is later than the deadline of the duty that it belongs to, {bound.isoformat()}",
            "期限不得晚于上级或主办任务的期限",
            field=field,
            latest=bound.isoformat(),
        )
