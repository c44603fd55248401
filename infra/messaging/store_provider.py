"""`store = StoreProvider()` in a service class: `self.store` is the Store, its relay runs beside the service."""

from nameko.extensions import DependencyProvider

from infra.messaging.outbox import aggregates_of
from infra.messaging.relay import Relay
from infra.messaging.store import Store


class StoreProvider(DependencyProvider):
    """Gives every worker of a service the same Store."""

    def __init__(self) -> None:
        self.relay: Relay | None = None
        self.store: Store | None = None

    def setup(self) -> None:
        """See nameko's Extension.setup. The database must be connected under the service's name."""
        service = self.container.service_name
        self.relay = Relay(self.container.config["AMQP_URI"], aggregates_of(service), name=f"{service}.relay")
        self.store = Store(self.relay, service=service)

    def start(self) -> None:
        """See nameko's Extension.start."""
        if self.relay is not None:
            self.relay.start()

    def stop(self) -> None:
        """Publish what was handed over; nameko calls this after the last worker has ended."""
        if self.relay is not None:
            self.relay.stop()

    def get_dependency(self, worker_ctx: object) -> Store | None:
        """The store."""
        return self.store
