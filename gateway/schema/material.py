"""材料: files and photos that show what was done. They are put and got by ticket at the service of tasks itself."""

from typing import Any

import graphene
import msgspec

from gateway.guarded import Guarded, part_of
from gateway.ids import local_id
from gateway.inquiry import Inquiry, inquiry
from gateway.permissions import DO_TASK, OPEN_WORK, SEE_WORK, enforce
from gateway.schema.case_commands import text
from gateway.schema.commands import TASK, mutation, send
from gateway.schema.unit_name import UnitName, unit_name
from services.tasks.contracts import SERVICE as TASKS
from services.tasks.contracts import DownloadTicket as DownloadView
from services.tasks.contracts import MaterialView
from services.tasks.contracts import UploadTicket as UploadView


@part_of(SEE_WORK)
class Material(graphene.ObjectType):
    """A file or photo of a task."""

    material_id = graphene.String(required=True, description="what reportProgress and submitTask name")
    task_id = graphene.String(required=True)
    name = graphene.String(required=True)
    kind = graphene.String(required=True)
    media_type = graphene.String(required=True)
    size = graphene.Int(required=True, description="bytes, as it is kept")
    uploaded_at = graphene.DateTime(required=True)
    by = graphene.String(required=True)
    by_unit = graphene.Field(UnitName)
    attached = graphene.Boolean(required=True, description="it belongs to the task")
    has_thumbnail = graphene.Boolean(required=True)
    width = graphene.Int(description="pixels")
    height = graphene.Int(description="pixels")
    removed_after = graphene.DateTime(description="when it goes, where nothing names it")

    def resolve_by_unit(self: MaterialView, info: graphene.ResolveInfo) -> Any:
        return unit_name(self.by_unit, info)


@part_of(SEE_WORK)
class UploadTicket(graphene.ObjectType):
    """Where a file is to be PUT."""

    url = graphene.String(required=True)
    expires_at = graphene.DateTime(required=True)


@part_of(SEE_WORK)
class DownloadTicket(graphene.ObjectType):
    """Where a material can be got."""

    url = graphene.String(required=True)
    thumbnail_url = graphene.String()
    expires_at = graphene.DateTime(required=True)
    material = graphene.Field(Material, required=True)


class MaterialQueries:
    """What can be asked about materials."""

    materials = Guarded(
        graphene.List(graphene.NonNull(Material)),
        permission=SEE_WORK,
        task=graphene.ID(required=True),
        description="材料 of a task in sight, the oldest first",
    )
    download_ticket = Guarded(
        DownloadTicket,
        permission=SEE_WORK,
        material=graphene.String(required=True, description="its id"),
        description="for a material of a task in sight",
    )

    async def resolve_materials(self, info: graphene.ResolveInfo, task: str) -> list[MaterialView]:
        asking, wanted = inquiry(info), local_id("Task", task)
        enforce(OPEN_WORK, asking.officer, await asking.loaders.task(wanted))
        by = msgspec.to_builtins(asking.officer)
        return msgspec.convert(await asking.desk.ask(TASKS, "materials_of_task", wanted, by), list[MaterialView])

    async def resolve_download_ticket(self, info: graphene.ResolveInfo, material: str) -> DownloadView:
        asking = inquiry(info)
        by = msgspec.to_builtins(asking.officer)
        return msgspec.convert(await asking.desk.ask(TASKS, "download_ticket", material, by), DownloadView)


async def _ticket(asking: Inquiry, words: dict[str, Any]) -> dict[str, Any]:
    wanted = local_id("Task", words.pop("id"))
    enforce(DO_TASK, asking.officer, await TASK.load(asking, wanted))
    answer = await send(asking, TASKS, "upload_ticket", task_id=wanted, **words)
    return {"ticket": msgspec.convert(answer, UploadView)}


class MaterialCommands:
    """What can be done with materials."""

    upload_ticket = mutation(
        "upload_ticket",
        DO_TASK,
        "上传材料: where the file is to be PUT",
        {
            "id": graphene.ID(required=True, description="of the task: global id, or the domain's own"),
            "name": text("of the file"),
            "size": graphene.Int(required=True, description="bytes"),
            "attach": graphene.Boolean(
                default_value=False, description="it belongs to the task at once; else once a command names it"
            ),
        },
        {"ticket": graphene.Field(UploadTicket)},
        _ticket,
    )
