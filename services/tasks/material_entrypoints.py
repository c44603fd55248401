"""Materials of tasks: what the gateway asks for officers (RPC), and what who holds a ticket sends and gets (HTTP)."""

from typing import Any

import pymongo
from mongoengine.connection import get_db
from nameko.timer import timer
from werkzeug.wrappers import Request, Response

from infra import web
from infra.messaging.rpc import rpc
from infra.problem import Problem
from services.tasks.contracts import SERVICE, DownloadTicket, MaterialView, UploadTicket
from services.tasks.desk import Desk
from services.tasks.materials import answers

SWEEP_EVERY = 60.0  # seconds of wall time
PATIENCE = 10.0  # seconds for the database, within one request
EVERY_METHOD = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"

By = dict[str, Any]


class MaterialEntrypoints:
    """Its part of the service class."""

    desk: Desk

    @rpc(expected_exceptions=Problem)
    def upload_ticket(
        self, task_id: str, name: str, size: int, by: By, cause: str, attach: bool = False
    ) -> UploadTicket:
        """See contracts."""
        return self.desk.materials.upload_ticket(task_id, name, size, by, cause, attach)

    @rpc(expected_exceptions=Problem)
    def download_ticket(self, material_id: str, by: By) -> DownloadTicket:
        """See contracts."""
        return self.desk.materials.download_ticket(material_id, by)

    @rpc(expected_exceptions=Problem)
    def materials_of_task(self, task_id: str, by: By) -> list[MaterialView]:
        """See contracts."""
        return self.desk.materials.of_task(task_id, by)

    @web.http("PUT,POST", "/materials", answers.ANY_PAGE)
    def upload(self, request: Request) -> Response:
        """The bytes of one file."""
        upload = self.desk.materials.read_upload(answers.ticket_of(request))
        view, new = self.desk.materials.take(upload, web.stream(request, upload.size))
        return answers.uploaded(view, new)

    @web.http("GET,HEAD", "/materials/<id>", answers.ANY_PAGE)
    def download(self, request: Request, id: str) -> Response:
        """The file of a material."""
        with pymongo.timeout(PATIENCE):
            opened = self.desk.materials.open(answers.ticket_of(request), id, thumbnail=False)
        return answers.file(request, opened)

    @web.http("GET,HEAD", "/materials/<id>/thumbnail", answers.ANY_PAGE)
    def thumbnail(self, request: Request, id: str) -> Response:
        """The thumbnail of a material."""
        with pymongo.timeout(PATIENCE):
            opened = self.desk.materials.open(answers.ticket_of(request), id, thumbnail=True)
        return answers.file(request, opened)

    @web.http("OPTIONS", "/materials")
    @web.http("OPTIONS", "/materials/<path:anything>")
    def preflight(self, request: Request, anything: str = "") -> Response:
        """A page of another address may ask: the ticket is what counts."""
        return answers.preflight()

    @web.http("GET", "/health")
    def health(self, request: Request) -> Response:
        """Whether the service and its database answer."""
        with pymongo.timeout(PATIENCE):
            get_db(SERVICE).command("ping")
        return web.json(200, {"service": SERVICE, "status": "ok"})

    @web.http("GET,HEAD,PATCH,DELETE", "/materials")
    def upload_only(self, request: Request) -> Response:
        """Files are uploaded there."""
        return web.only("PUT", "POST", "OPTIONS")

    @web.http(EVERY_METHOD, "/")
    @web.http(EVERY_METHOD, "/<path:anything>")
    def elsewhere(self, request: Request, anything: str = "") -> Response:
        """Everything else."""
        return web.nothing_here(request)

    @timer(interval=SWEEP_EVERY)
    def sweep_materials(self) -> None:
        """What nobody attached, and what a crash left, is removed."""
        self.desk.materials.sweep()
