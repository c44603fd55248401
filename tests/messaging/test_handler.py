"""What happens to an event after it was published."""

from collections.abc import Callable

from infra.messaging.relay import Relay
from infra.messaging.store import Store
from infra.settings import Settings
from tests.messaging.bakery import Loaf, Sack
from tests.messaging.conftest import Process, wait_until


def test_an_event_reaches_its_handler(settings: Settings, serve: Callable[[str], Process]) -> None:
    service = serve("Bakery")
    relay = Relay(settings.amqp_url, [Sack])
    relay.start()
    store = Store(relay)
    assert store.insert_many([Sack.filled(f"s{n}", 2) for n in range(100)]) == [True] * 100
    wait_until(lambda: Loaf.objects.count() == 100)
    wait_until(lambda: Sack.objects(outbox_since__exists=True).count() == 0)
    assert store.change(Sack, "s1", lambda sack: sack.weigh(3) or sack.sequence) == 2
    relay.stop()
    assert service.stop() == 0
