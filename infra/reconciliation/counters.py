"""Whether a tally's counters are the sum of its marks (infra/tally.py), at one moment, while events go on arriving."""

from typing import Any

from pymongo.database import Database

MOST_SHOWN = 20


def differences(db: Database[dict[str, Any]], name: str) -> list[str]:
    """The counters of the tally `name` that are not the sum of its marks, in words; at most MOST_SHOWN."""
    with db.client.start_session(snapshot=True) as session:
        counted = {
            (counter["_id"], label): count
            for counter in db[f"{name}_counters"].find(session=session)
            for label, count in counter["counts"].items()
        }
        pipeline: list[dict[str, Any]] = [
            {"$unwind": "$keys"},
            {"$group": {"_id": "$keys", "n": {"$sum": 1}}},
        ]
        groups = db[f"{name}_marks"].aggregate(pipeline, session=session, allowDiskUse=True)
        marked = {(f"{where}|{path}", label): group["n"] for group in groups for where, path, label in [group["_id"]]}
    wrong = [key for key in sorted(counted.keys() | marked.keys()) if counted.get(key, 0) != marked.get(key, 0)]
    return [_in_words(name, key, counted.get(key, 0), marked.get(key, 0)) for key in wrong[:MOST_SHOWN]]


def _in_words(name: str, key: tuple[str, str], counted: int, marked: int) -> str:
    return f"{name} {key[0]} {key[1]}: counted {counted}, recounted {marked}"
