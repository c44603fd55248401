"""What an officer names in a report or a submission belongs to the task from then on, in the same transaction."""

from collections.abc import Sequence

from pymongo.client_session import ClientSession

from infra.problem import InvalidInput
from services.tasks.materials.material import Material


def attach(task_id: str, ids: Sequence[str], session: ClientSession) -> list[str]:
    """Have these materials belong to the task; their names. Raises InvalidInput (materials) for any that was not
    uploaded to this task, or was removed since."""
    known, wanted = Material._get_collection(), list(dict.fromkeys(ids))
    query = {"_id": {"$in": wanted}, "task_id": task_id}
    names = {one["_id"]: one["name"] for one in known.find(query, {"name": 1}, session=session)}
    unknown = [one for one in wanted if one not in names]
    if unknown:
        detail = f"these were not uploaded to this task: {', '.join(unknown)}"
        raise InvalidInput(detail, "有材料不属于该任务或已被清理", field="materials")
    change = {"$set": {"attached": True}, "$unset": {"remove_after": 1}, "$inc": {"version": 1}}
    known.update_many(query, change, session=session)
    return [names[one] for one in wanted]
