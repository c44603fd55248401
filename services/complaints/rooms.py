"""What the entry points of service.py call, put together once per process from settings, store and data."""

import functools
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from mongoengine.connection import get_db
from pymongo.database import Database

from infra.calendar import WorkingCalendar
from infra.changing_secrets import ChangingSecrets
from infra.clock import Clock, WallClock
from infra.master_keys import MASTER_KEY
from infra.messaging.store import Store
from infra.messaging.store_provider import StoreProvider
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from infra.rotating_secrets import signing
from infra.set_aside import SetAside
from infra.settings import SettingMissing, Settings
from infra.tally import Tally
from services.complaints.accesses import Accesses
from services.complaints.alike_ends import AlikeEnds
from services.complaints.callbacks.address import Address, addresses
from services.complaints.callbacks.body import Wording
from services.complaints.callbacks.lanes import Lane, Lanes
from services.complaints.callbacks.register import Register
from services.complaints.callbacks.sending import Sender
from services.complaints.callbacks.telling import Telling
from services.complaints.callbacks.wire import Wire
from services.complaints.case_counts import case_tally, intake_tally
from services.complaints.case_lists import CaseLists
from services.complaints.channel_limits import Turnstile, read_limits
from services.complaints.citizen_page import CitizenPage
from services.complaints.citizen_window import CitizenWindow
from services.complaints.contracts import SERVICE, Channel
from services.complaints.desk import Desk
from services.complaints.desk_checks import Checks
from services.complaints.desk_commands import Commands
from services.complaints.desk_queue import DeskQueue
from services.complaints.desk_unions import Unions
from services.complaints.erasure import Erasure
from services.complaints.facts_due import FactsDue
from services.complaints.filing import Filing
from services.complaints.following import Following
from services.complaints.guesses import Guesses
from services.complaints.hot_matters import HotMatters
from services.complaints.hotline_answers import Progress, progress_of
from services.complaints.intake import Intake
from services.complaints.letterbox import Letterbox
from services.complaints.misfit_shelf import MisfitShelf
from services.complaints.numbers import CaseNumbers, receipts
from services.complaints.older_documents import OlderDocuments
from services.complaints.opening import Opening
from services.complaints.privacy import Vault
from services.complaints.pushes import Pushes
from services.complaints.retention import Retention
from services.complaints.rotation import Rotation
from services.complaints.standard.commands import StandardCommands
from services.complaints.standard.limiting import Limits
from services.complaints.standard.shelf import Shelf
from services.complaints.triage.category import Lexicon


class Rooms(msgspec.Struct, frozen=True):
    """The parts of the service."""

    intake: Intake
    pushes: Pushes
    letterbox: Letterbox
    filing: Filing
    following: Following
    alike_ends: AlikeEnds
    desk: Desk
    checks: Checks
    unions: Unions
    queue: DeskQueue
    facts_due: FactsDue
    lists: CaseLists
    misfits: MisfitShelf
    hot: HotMatters
    citizens: CitizenWindow
    citizen_page: CitizenPage
    progress: Callable[[Channel, str], Progress]
    telling: Telling
    lanes: Lanes
    callbacks: Register
    rotation: Rotation
    accesses: Accesses
    older: OlderDocuments
    standard: Shelf
    standard_commands: StandardCommands
    clock: Clock
    erasure: Erasure
    retention: Retention
    cases_counted: Tally
    intake_counted: Tally
    city: str
    proxies: int


def furnish(settings: Settings, store: Store) -> Rooms:
    """The parts as `settings` want them. Raises SettingMissing where there is no master key."""
    known = ChangingSecrets(settings.secrets_file)
    if not known.get(MASTER_KEY):
        raise SettingMissing(f"the secrets file has no {MASTER_KEY}: personal data cannot be sealed")
    db, clock = get_db(SERVICE), settings.clock()
    registry, lexicon = Registry.load(settings.city[:4]), Lexicon.load()
    numbering, cases_counted, intake_counted = Numbering(db), case_tally(db), intake_tally(db)
    numbers = CaseNumbers(numbering, clock, registry.city.name)
    vault, guesses = Vault(known.all), _guesses(db)
    wall, accesses = WallClock(), Accesses(store, vault, clock, registry.city.path)
    turnstile = Turnstile(read_limits(settings.channel_limits), settings.intake_processes)
    intake, erasure = Intake(store, vault, receipts(numbering, clock), clock), Erasure(store, vault, clock)
    standard, commands = Shelf(registry.city.path), Commands(store, registry, clock)
    limits, calendar = Limits(registry, lexicon, standard.tables), WorkingCalendar()
    return Rooms(
        intake=intake,
        pushes=Pushes(intake, turnstile, known.all),
        letterbox=Letterbox(intake, turnstile, known.all),
        filing=Filing(store, registry, lexicon, limits, numbers, intake_counted, clock, erasure),
        following=Following(store, clock),
        alike_ends=AlikeEnds(store, clock),
        desk=Desk(commands, registry, lexicon, limits, calendar),
        checks=Checks(commands, calendar),
        unions=Unions(commands, Opening(registry, lexicon, numbers, limits, clock)),
        queue=DeskQueue(registry.city.path),
        facts_due=FactsDue(store, clock, SetAside(db, "terms for facts")),
        lists=CaseLists(registry.city.path, cases_counted),
        hot=HotMatters(registry, lexicon),
        misfits=MisfitShelf(store, vault, intake, clock),
        citizens=CitizenWindow(store, vault, guesses, clock, name_of=registry.name, note_read=accesses.note_words_read),
        citizen_page=CitizenPage(registry.city.name),
        progress=functools.partial(progress_of, vault=vault),
        telling=Telling(store, settings.callback_urls, wall),
        lanes=_lanes(settings, known, store, vault, wall),
        callbacks=Register(store, wall),
        rotation=Rotation(store, vault),
        erasure=erasure,
        retention=Retention(store, erasure, clock, settings.anonymise_after_days),
        accesses=accesses,
        older=OlderDocuments(store, erasure),
        standard=standard,
        standard_commands=StandardCommands(store, registry, standard, clock),
        clock=clock,
        cases_counted=cases_counted,
        intake_counted=intake_counted,
        city=registry.city.path,
        proxies=settings.trusted_proxies,
    )


def _guesses(db: Database[dict[str, Any]]) -> Guesses:
    found = Guesses(db, wall=time.time)
    found.prepare()
    return found


def _lanes(settings: Settings, known: ChangingSecrets, store: Store, vault: Vault, wall: Clock) -> Lanes:
    def secret_of(name: str) -> str | None:
        return signing(known.all(), name, wall.now().timestamp())

    return Lanes([_lane(one, store, vault, wall) for one in addresses(settings.callback_urls, secret_of)])


def _lane(address: Address, store: Store, vault: Vault, wall: Clock) -> Lane:
    return Lane(Sender(store, address, Wire(), Wording(vault), wall=wall, chance=random.random), wall)


class RoomsProvider(StoreProvider):
    """`rooms = RoomsProvider()` in the service class: `self.rooms` is a `Rooms`, on one store with its relay."""

    def setup(self) -> None:
        """See nameko's Extension.setup. Raises SettingMissing."""
        super().setup()
        assert self.store is not None
        self.rooms = furnish(self.container.config["SETTINGS"], self.store)

    def start(self) -> None:
        """See nameko's Extension.start."""
        super().start()
        self.rooms.lanes.start()

    def stop(self) -> None:
        """Callbacks first: what became of them is still to be written down."""
        self.rooms.lanes.stop()
        super().stop()

    def get_dependency(self, worker_ctx: object) -> Rooms:  # type: ignore[override]
        """The rooms, the same for every worker."""
        return self.rooms
