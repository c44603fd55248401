"""Materials of tasks as its RPC methods and its HTTP addresses show them."""

from datetime import datetime

import msgspec


class MaterialView(msgspec.Struct, frozen=True, kw_only=True):
    """A file or photo that was uploaded as evidence of work. `size` is in bytes as it is kept, `width` and `height` in
    pixels. `attached`: it belongs to the task; what does not is removed at `removed_after`."""

    material_id: str
    task_id: str
    name: str
    kind: str
    media_type: str
    size: int
    uploaded_at: datetime
    by: str
    by_unit: str
    attached: bool
    has_thumbnail: bool
    width: int | None = None
    height: int | None = None
    removed_after: datetime | None = None


class UploadTicket(msgspec.Struct, frozen=True, kw_only=True):
    """Where the file is to be PUT, its bytes as the body, before `expires_at` (wall time); the answer is its
    MaterialView."""

    url: str
    expires_at: datetime


class DownloadTicket(msgspec.Struct, frozen=True, kw_only=True):
    """Where the material can be got before `expires_at` (wall time)."""

    url: str
    thumbnail_url: str | None
    expires_at: datetime
    material: MaterialView


# RPC of tasks about materials; `by` is an Officer as JSON:
#   upload_ticket(task_id, name, size: bytes, by, cause, attach: bool = False) -> UploadTicket   who works on the task;
#       attach: it belongs to the task at once, else it waits a day for report_progress or submit_task to name it
#   download_ticket(material_id, by) -> DownloadTicket                                  who may see the task
#   materials_of_task(task_id, by) -> list[MaterialView]                                the oldest first
# HTTP of tasks:
#   PUT or POST /materials?ticket=…             the bytes of the file -> 201 MaterialView (200: it was there already)
#   GET /materials/<id>?ticket=…                the file (ETag, Range)
#   GET /materials/<id>/thumbnail?ticket=…      a JPEG of at most 320 pixels
