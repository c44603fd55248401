"""The document of a material: what was uploaded to which task, by whom, and where its bytes lie."""

import hashlib
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from infra.messaging.outbox import Aggregate
from services.tasks.contracts import SERVICE, MaterialView
from services.tasks.materials.kinds import kinds


class Material(Aggregate):
    """A material as it is stored. Its id is made of the task and of what was uploaded: the same bytes are one material
    of a task. `digest` is the SHA-256 of what is kept, `bytes_key` and `thumbnail_key` where that lies. `remove_after`
    (wall time) is set as long as it does not belong to its task."""

    noun = "material"
    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "materials",
        "indexes": [("task_id", "uploaded_at"), {"fields": ["remove_after"], "sparse": True}],
    }

    id = StringField(primary_key=True)
    task_id = StringField(required=True)
    name = StringField(required=True)
    kind = StringField(required=True)
    size = IntField(required=True)
    digest = StringField(required=True)
    bytes_key = StringField(required=True)
    thumbnail_key = StringField()
    width = IntField()
    height = IntField()
    uploaded_at = DateTimeField(required=True)
    by = StringField(required=True)
    by_unit = StringField(required=True)
    attached = BooleanField(default=False)
    remove_after = DateTimeField()

    def view(self) -> MaterialView:
        """As people see it."""
        return MaterialView(
            material_id=self.pk,
            task_id=self.task_id,
            name=self.name,
            kind=self.kind,
            media_type=kinds()[self.kind].media_type,
            size=self.size,
            uploaded_at=self.uploaded_at,
            by=self.by,
            by_unit=self.by_unit,
            attached=self.attached,
            has_thumbnail=self.thumbnail_key is not None,
            width=self.width,
            height=self.height,
            removed_after=self.remove_after,
        )


def material_id(task_id: str, sha256: str) -> str:
    """The id of what has this hash as it was uploaded to that task."""
    return hashlib.sha256(f"{task_id}/{sha256}".encode()).hexdigest()[:32]
