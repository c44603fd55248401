"""What every worker of assessment needs, made once per process from the settings."""

import msgspec
from mongoengine.connection import get_db

from infra import mongo
from infra.messaging.store_provider import StoreProvider
from infra.organisation.registry import Registry
from infra.settings import Settings
from infra.tally import Tally
from services.assessment.assessor import Assessor
from services.assessment.contracts import SERVICE
from services.assessment.excuses import Excuses
from services.assessment.framework_version import FrameworkVersion
from services.assessment.indicators import IndicatorBook
from services.assessment.recording import SiteResult


class Rooms(msgspec.Struct, frozen=True):
    """`assessor` holds the rounds, `indicators` counts what the cases and tasks tell."""

    assessor: Assessor
    indicators: IndicatorBook


class RoomsProvider(StoreProvider):
    """`rooms = RoomsProvider()` in the service class: `self.rooms` is a `Rooms`, on one store with its relay."""

    def setup(self) -> None:
        """See nameko's Extension.setup."""
        super().setup()
        assert self.store is not None
        mongo.ensure_indexes([SiteResult, FrameworkVersion])
        settings: Settings = self.container.config["SETTINGS"]
        registry, clock = Registry.load(settings.city[:4]), settings.clock()
        database = get_db(SERVICE)
        indicators = IndicatorBook(Tally(database, "indicators"), Excuses(database), clock)
        self.rooms = Rooms(Assessor(self.store, registry, clock), indicators)

    def get_dependency(self, worker_ctx: object) -> Rooms:  # type: ignore[override]
        """The rooms."""
        return self.rooms
