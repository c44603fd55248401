"""complaints: the matter. The table of contents: what is pushed to it, what it hears, what it answers."""

import os
import uuid
from typing import Any

import pymongo
from mongoengine.connection import get_db
from nameko.timer import timer
from werkzeug.wrappers import Request, Response

from infra import web
from infra.messaging.event import Received
from infra.messaging.handler import handles
from infra.messaging.letters import Letter, takes_in
from infra.messaging.rpc import rpc
from infra.problem import Problem
from infra.reconciliation.provider import BooksProvider, KeepsBooks
from services.complaints import case_counts, letterbox
from services.complaints.alike_ends import ENDS
from services.complaints.books import BOOKS
from services.complaints.callback_entrypoints import CallbackEntrypoints
from services.complaints.case_lists import counts_by_status
from services.complaints.channel_form import form_of
from services.complaints.channels import channel_named
from services.complaints.citizen_entrypoints import CitizenEntrypoints
from services.complaints.contracts import CASE_EVENTS, SERVICE, CasePage, CaseReportPage, CaseView, ReportReceived
from services.complaints.desk_entrypoints import DeskEntrypoints
from services.complaints.heat_entrypoints import HeatEntrypoints
from services.complaints.misfit_entrypoints import MisfitEntrypoints
from services.complaints.privacy_entrypoints import PrivacyEntryPoints
from services.complaints.pushes import JSON, NDJSON
from services.complaints.report_views import pages_of_reports
from services.complaints.rooms import Rooms, RoomsProvider
from services.complaints.standard.entrypoints import StandardEntryPoints
from services.tasks.contracts import ASSIGNMENT_EVENTS

PATIENCE = 10.0  # seconds for the database, within one request
SCAN_EVERY = float(os.environ.get("WENMING_SCAN_SECONDS", "1"))  # wall time between two looks at terms that end
EVERY_METHOD = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"

By = dict[str, Any]  # an Officer as JSON


class ComplaintsService(
    CallbackEntrypoints,
    CitizenEntrypoints,
    DeskEntrypoints,
    HeatEntrypoints,
    MisfitEntrypoints,
    PrivacyEntryPoints,
    StandardEntryPoints,
    KeepsBooks,
):
    """See README.md of this package."""

    name = SERVICE
    rooms: Rooms = RoomsProvider()
    keeper = BooksProvider(BOOKS)

    @web.http("POST", "/intake/<channel>")
    def push(self, request: Request, channel: str) -> Response:
        """A channel pushes an item, an array of them, or one a line."""
        known = channel_named(channel)
        self.rooms.pushes.expect(known, request.headers)
        body = web.read_body(request, self.rooms.pushes.largest_body(known), (JSON, NDJSON))
        at = self.rooms.pushes.authenticate(known, request.headers, body)
        cause = f"intake/{uuid.uuid4().hex}"
        with pymongo.timeout(PATIENCE):
            return web.json(*self.rooms.pushes.take(known, body, cause, request.mimetype, at))

    @web.http("GET", "/intake/<channel>")
    def form(self, request: Request, channel: str) -> Response:
        """A channel asks which fields its items have."""
        known = channel_named(channel)
        self.rooms.pushes.authenticate(known, request.headers, request.path.encode())
        self.rooms.pushes.let_ask(known)
        return web.json(200, form_of(known))

    @web.http("GET", "/intake/<channel>/<path:external_id>")
    def progress(self, request: Request, channel: str, external_id: str) -> Response:
        """A hotline asks how far its work order is."""
        known = channel_named(channel)
        self.rooms.pushes.authenticate(known, request.headers, request.path.encode())
        self.rooms.pushes.let_ask(known)
        with pymongo.timeout(PATIENCE):
            return web.json(200, self.rooms.progress(known.channel, external_id))

    @web.http("GET", "/health")
    def health(self, request: Request) -> Response:
        """Whether the service and its database answer."""
        with pymongo.timeout(PATIENCE):
            get_db(SERVICE).command("ping")
        return web.json(200, {"service": SERVICE, "status": "ok"})

    @web.http("HEAD,PUT,PATCH,DELETE,OPTIONS", "/intake/<channel>")
    def push_only(self, request: Request, channel: str) -> Response:
        """Channels are pushed to, and asked for their form."""
        return web.only("GET", "POST")

    @web.http("POST,PUT,PATCH,DELETE,OPTIONS", "/intake/<channel>/<path:external_id>")
    def progress_only(self, request: Request, channel: str, external_id: str) -> Response:
        """Work orders are asked for."""
        return web.only("GET")

    @web.http(EVERY_METHOD, "/")
    @web.http(EVERY_METHOD, "/<path:anything>")
    def elsewhere(self, request: Request, anything: str = "") -> Response:
        """Everything else."""
        return web.nothing_here(request)

    @takes_in(*letterbox.CHANNELS, exchange=letterbox.EXCHANGE, batch=20)
    def on_letters(self, letters: list[Letter]) -> None:
        """A hotline published work orders."""
        self.rooms.letterbox.take(letters, f"intake/{uuid.uuid4().hex}")

    @handles(ReportReceived, batch=50, prefetch=100)
    def on_report_received(self, batch: list[Received[ReportReceived]]) -> None:
        """Triage: every report gets its case."""
        self.rooms.filing.take(batch)

    @handles(*ASSIGNMENT_EVENTS, queue="task_news", batch=100, prefetch=200, pace=0.1)
    def on_task_news(self, batch: list[Received[Any]]) -> None:
        """The case follows its task: dispatched, handling, dispatched anew, checking."""
        self.rooms.following.hear(batch)

    @handles(*CASE_EVENTS, queue="case_tally", batch=200, prefetch=400, pace=0.5, rebuild=case_counts.REBUILD)
    def on_case_event(self, batch: list[Received[Any]]) -> None:
        """The counters per place and per unit."""
        case_counts.count_cases(self.rooms.cases_counted, batch)

    @handles(*CASE_EVENTS, queue="hotline_callbacks", batch=100, prefetch=200, pace=0.1)
    def on_news_for_hotlines(self, batch: list[Received[Any]]) -> None:
        """What its hotline wants to be told of a work order, by callback."""
        self.rooms.telling.hear(batch)

    @handles(*ENDS, queue="alike_ends", batch=100, prefetch=200)
    def on_case_ended(self, batch: list[Received[Any]]) -> None:
        """What was suggested as a duplicate and has ended is suggested no more."""
        self.rooms.alike_ends.hear(batch)

    @timer(interval=SCAN_EVERY)
    def scan_facts_due(self) -> None:
        """What citizens were asked for and have not said in time comes back to the desk."""
        self.rooms.facts_due.wake()

    @rpc(expected_exceptions=Problem)
    def case_counts(self, places: list[str]) -> dict[str, dict[str, int]]:
        """See contracts."""
        return counts_by_status(self.rooms.cases_counted, places)

    @rpc(expected_exceptions=Problem)
    def case_counts_by_channel(self, places: list[str]) -> dict[str, dict[str, int]]:
        """See contracts."""
        return case_counts.counts_by_channel(self.rooms.cases_counted, places)

    @rpc(expected_exceptions=Problem)
    def cases(self, scope: dict[str, Any], first: int = 50, after: str | None = None) -> CasePage:
        """See contracts."""
        return self.rooms.lists.page(scope, first, after)

    @rpc(expected_exceptions=Problem)
    def case_pages(self, requests: list[dict[str, Any]]) -> list[CasePage]:
        """See contracts."""
        return self.rooms.lists.pages(requests)

    @rpc(expected_exceptions=Problem)
    def cases_by_id(self, case_ids: list[str]) -> list[CaseView]:
        """See contracts."""
        return self.rooms.lists.by_id(case_ids)

    @rpc(expected_exceptions=Problem)
    def case_reports(self, requests: list[dict[str, Any]]) -> list[CaseReportPage]:
        """See contracts."""
        return pages_of_reports(requests)

    @rpc(expected_exceptions=Problem)
    def intake_totals(self) -> dict[str, int]:
        """See contracts."""
        return case_counts.intake_totals(self.rooms.cases_counted, self.rooms.intake_counted, self.rooms.city)
