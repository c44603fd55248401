"""The desk: what the service's entry points call, put together from settings."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from mongoengine.connection import get_db

from infra.calendar import WorkingCalendar
from infra.changing_secrets import ChangingSecrets
from infra.clock import Clock
from infra.lease import Lease
from infra.messaging.store import Store
from infra.messaging.store_provider import StoreProvider
from infra.organisation.registry import Registry
from infra.set_aside import SetAside
from infra.settings import Settings
from services.tasks.assignment import Assigner
from services.tasks.calendars import CalendarShelf
from services.tasks.case_following import CaseFollower
from services.tasks.commands import Commands
from services.tasks.contracts import SERVICE
from services.tasks.counters import TaskCounters
from services.tasks.desk_list import DeskList
from services.tasks.instructions import Instructions
from services.tasks.issuing import Plans
from services.tasks.materials.room import Materials
from services.tasks.materials.tickets import Tickets
from services.tasks.routing_table.commands import RoutingCommands
from services.tasks.routing_table.explaining import Explainer
from services.tasks.routing_table.shelf import Shelf, seed
from services.tasks.scanner import Scanner
from services.tasks.supervising import Supervisor
from services.tasks.supervision_commands import SupervisionCommands
from services.tasks.work_list import WorkList

SCANNING = "tasks.scanner"


class Desk(NamedTuple):
    """One object per room of the service."""

    commands: Commands
    plans: Plans
    cases: CaseFollower
    work_list: WorkList
    desks: DeskList
    instructions: Instructions
    counters: TaskCounters
    scanner: Scanner
    routes: Shelf
    routing: RoutingCommands
    explainer: Explainer
    clock: Clock
    materials: Materials
    supervisions: SupervisionCommands
    calendars: CalendarShelf


def open_desk(
    store: Store,
    registry: Registry,
    clock: Clock,
    calendar: WorkingCalendar,
    secrets: Callable[[], Mapping[str, str]] = dict,
    materials_url: str = "",
    wall: Callable[[], float] = time.time,
) -> Desk:
    """The desk of the city that `registry` describes. The database must be connected under the service's name.

    `secrets` is asked for what signs tickets, `materials_url` is where people reach the service, `wall` is wall time in
    unix seconds."""
    city = registry.city.path
    seed(store, city)
    routes = Shelf(city)
    assigner = Assigner(registry, calendar, routes.table)
    counters = TaskCounters(get_db(SERVICE), city)
    supervisor, lease = Supervisor(store, registry, calendar), Lease(get_db(SERVICE), SCANNING)
    calendars, aside = CalendarShelf(get_db(SERVICE), calendar, clock), partial(SetAside, get_db(SERVICE), wall=wall)
    calendars.refresh()  # before anything is counted
    return Desk(
        commands=Commands(store, assigner, clock),
        plans=Plans(store, registry, calendar, clock),
        cases=CaseFollower(store, assigner),
        work_list=WorkList(counters, city),
        desks=DeskList(clock),
        instructions=Instructions(store, assigner, clock),
        counters=counters,
        routes=routes,
        routing=RoutingCommands(store, registry, routes, clock),
        explainer=Explainer(routes.table, registry, clock),
        clock=clock,
        materials=Materials(store, get_db(SERVICE), clock, Tickets(secrets, wall), materials_url),
        scanner=Scanner(store, clock, assigner.time, supervisor, lease, calendars, aside),
        calendars=calendars,
        supervisions=SupervisionCommands(store, supervisor, clock, assigner.time),
    )


class DeskProvider(StoreProvider):
    """`desk = DeskProvider()` in the service class: `self.desk` is the Desk, on one store with its relay."""

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        super().setup()
        assert self.store is not None
        settings: Settings = self.container.config["SETTINGS"]
        registry = Registry.load(settings.city[:4])
        secrets = ChangingSecrets(settings.secrets_file).all
        self.desk = open_desk(
            self.store, registry, settings.clock(), WorkingCalendar(), secrets, settings.materials_address
        )

    def get_dependency(self, worker_ctx: object) -> Desk:  # type: ignore[override]
        """The desk."""
        return self.desk
