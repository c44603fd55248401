"""What every worker of notify needs, made once per process from the settings."""

import os
from datetime import timedelta

import msgspec
from mongoengine.connection import get_db

from infra import mongo
from infra.messaging.store_provider import StoreProvider
from infra.numbering import Numbering
from infra.organisation.registry import Registry
from infra.settings import Settings
from services.notify.channels.email import MailServer
from services.notify.contacts import Contact
from services.notify.contracts import SERVICE
from services.notify.issuing import IssuingOffice
from services.notify.outgoing import LEASE, PostRoom
from services.notify.resending import Resending

# how long a crashed process keeps the letters that it was about to send
MAIL_LEASE = timedelta(seconds=float(os.environ.get("WENMING_MAIL_LEASE_SECONDS", LEASE.total_seconds())))


class Rooms(msgspec.Struct, frozen=True):
    """`issuing` writes documents, `post` sends them (None where no mail server is set: they stay pending), `resending`
    makes them due again."""

    registry: Registry
    issuing: IssuingOffice
    resending: Resending
    post: PostRoom | None


class RoomsProvider(StoreProvider):
    """`rooms = RoomsProvider()` in the service class: `self.rooms` is a `Rooms`, on one store with its relay."""

    def setup(self) -> None:
        """See nameko's Extension.setup. Raises ValueError where the mail server's URL cannot be read."""
        super().setup()
        assert self.store is not None
        mongo.ensure_indexes([Contact])
        settings: Settings = self.container.config["SETTINGS"]
        registry, clock = Registry.load(settings.city[:4]), settings.clock()
        issuing = IssuingOffice(self.store, Numbering(get_db(SERVICE)), registry, clock)
        post = None
        if settings.smtp_url:
            server = MailServer.from_url(settings.smtp_url)
            post = PostRoom(self.store, server, registry, issuing.letterhead.office, clock, lease=MAIL_LEASE)
        self.rooms = Rooms(registry, issuing, Resending(self.store), post)

    def get_dependency(self, worker_ctx: object) -> Rooms:  # type: ignore[override]
        """The rooms."""
        return self.rooms
