"""What notify answers when it is asked: views of bulletins, notices and their deliveries. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from infra.organisation import unit_path
from infra.problem import InvalidInput, NotFound
from services.notify.bulletin import Bulletin
from services.notify.contracts import BulletinKind, BulletinView, DeliveryStatus, NoticeView
from services.notify.delivery import Delivery
from services.notify.notice import Notice

MOST = 200
HEADER = ("number", "kind", "title", "issued_at", "units")


def bulletin(bulletin_id: str) -> BulletinView:
    """One bulletin with its text and HTML. Raises NotFound."""
    found = Bulletin._get_collection().find_one({"_id": bulletin_id})
    if found is None:
        raise NotFound(f"no bulletin {bulletin_id!r}", f"没有这份通报：{bulletin_id}", field="bulletin_id")
    return _bulletin_view(found, _deliveries([bulletin_id])[bulletin_id])


def recent_bulletins(units: Sequence[str], first: int) -> dict[str, list[BulletinView]]:
    """For each of `units` the newest `first` bulletins addressed to it, without text and HTML. Two queries in all."""
    _check_first(first)
    newest = {"$firstN": {"input": "$$ROOT", "n": first}}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"units": {"$in": list(units)}}},
        {"$project": {**dict.fromkeys(HEADER, 1), "unit": "$units"}},
        {"$unwind": "$unit"},
        {"$match": {"unit": {"$in": list(units)}}},
        {"$sort": {"issued_at": -1, "_id": 1}},
        {"$group": {"_id": "$unit", "newest": newest}},
    ]
    groups = {group["_id"]: group["newest"] for group in Bulletin._get_collection().aggregate(pipeline)}
    deliveries = _deliveries({found["_id"] for group in groups.values() for found in group})
    return {unit: [_bulletin_view(one, deliveries[one["_id"]]) for one in groups.get(unit, ())] for unit in units}


def notices(unit: str, first: int) -> list[NoticeView]:
    """The newest `first` notices to `unit` and everything below it."""
    _check_first(first)
    low, high = unit_path.prefix_range(unit)
    query = {"$or": [{"unit": unit}, {"unit": {"$gte": low, "$lt": high}}]}
    fields = ("unit", "task_id", "title", "issued_at")
    found = list(Notice._get_collection().find(query, fields).sort([("issued_at", -1), ("_id", 1)]).limit(first))
    ids = [one["_id"] for one in found]
    deliveries = {one["document_id"]: one for one in Delivery._get_collection().find({"document_id": {"$in": ids}})}
    return [_notice_view(one, deliveries[one["_id"]]) for one in found]


def totals() -> dict[str, Any]:
    """How many notices, reminders and bulletins were written, and how many deliveries are in each state."""
    written = Notice._get_collection()
    counts = Delivery._get_collection().aggregate([{"$group": {"_id": "$status", "n": {"$sum": 1}}}])
    by_status = {one["_id"]: one["n"] for one in counts}
    return {
        "notices": written.count_documents({"kind": BulletinKind.ASSIGNMENT}),
        "reminders": written.count_documents({"kind": BulletinKind.REMINDER}),
        "bulletins": Bulletin._get_collection().count_documents({}),
        "by_status": {status.value: by_status.get(status.value, 0) for status in DeliveryStatus},
    }


def _check_first(first: int) -> None:
    if not 1 <= first <= MOST:
        raise InvalidInput(f"first is outside 1..{MOST}", f"数量应在1至{MOST}之间", field="first")


def _deliveries(documents: Iterable[str]) -> dict[str, dict[DeliveryStatus, int]]:
    """How many deliveries of each document are in which state."""
    counts: dict[str, dict[DeliveryStatus, int]] = defaultdict(dict)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"document_id": {"$in": sorted(documents)}}},
        {"$group": {"_id": {"document": "$document_id", "status": "$status"}, "n": {"$sum": 1}}},
    ]
    for group in Delivery._get_collection().aggregate(pipeline):
        counts[group["_id"]["document"]][DeliveryStatus(group["_id"]["status"])] = group["n"]
    return counts


def _bulletin_view(found: dict[str, Any], deliveries: dict[DeliveryStatus, int]) -> BulletinView:
    return BulletinView(
        bulletin_id=found["_id"],
        number=found["number"],
        kind=BulletinKind(found["kind"]),
        title=found["title"],
        issued_at=found["issued_at"],
        units=found["units"],
        text=found.get("text", ""),
        html=found.get("html", ""),
        deliveries=deliveries,
    )


def _notice_view(found: dict[str, Any], delivery: dict[str, Any]) -> NoticeView:
    return NoticeView(
        notice_id=found["_id"],
        unit=found["unit"],
        task_id=found["task_id"],
        title=found["title"],
        issued_at=found["issued_at"],
        status=DeliveryStatus(delivery["status"]),
        recipient=delivery.get("recipient", ""),
        attempts=delivery["attempts"],
    )
