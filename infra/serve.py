"""Runs one service: `python -m infra.serve services.tasks.service:TasksService [--web-port 8012]`.

Ends with 0 on SIGTERM or SIGINT, after finishing what is in hand; with 1 when something in it fails for good.
"""

import eventlet

eventlet.monkey_patch()

import argparse  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402

from infra import collector, mongo  # noqa: E402
from infra import logging as log_lines  # noqa: E402
from infra.messaging import broker, topology  # noqa: E402
from infra.messaging.handler import RETRY_DELAYS_KEY  # noqa: E402
from infra.messaging.outbox import aggregates_of  # noqa: E402
from infra.settings import SettingMissing, Settings  # noqa: E402

SETTINGS_KEY = "SETTINGS"  # in nameko's config: the Settings themselves, for dependency providers
WORKERS = 64

log = logging.getLogger("infra.serve")


def config_of(settings: Settings, service: str, web_port: int | None) -> dict[str, Any]:
    """nameko's configuration."""
    return {
        "AMQP_URI": settings.amqp_url,
        "HEARTBEAT": broker.HEARTBEAT,
        "max_workers": WORKERS,
        "WEB_SERVER_ADDRESS": f"{settings.bind}:{settings.web_port(service) if web_port is None else web_port}",
        RETRY_DELAYS_KEY: settings.retry_delays,
        SETTINGS_KEY: settings,
    }


def serve(service: type, settings: Settings, web_port: int | None = None) -> None:
    """Run the service class until a signal stops it. Raises what made its container die."""
    name: str = service.name  # type: ignore[attr-defined]
    topology.queues_of(service)
    mongo.wait_for(mongo.connect(settings, name))
    broker.close(broker.connect(settings.amqp_url, name))
    mongo.ensure_indexes(aggregates_of(name))
    container = ServiceContainer(service, config_of(settings, name, web_port))
    _stop_on_signals(container)
    container.start()
    collector.spare_what_stays()
    log.info("ready")
    if settings.ready_file is not None:
        settings.ready_file.touch()
    _wait(container)
    log.info("stopped")


def _stop_on_signals(container: ServiceContainer) -> None:
    """Stop it at the first SIGTERM or SIGINT. nameko's container waits for ever where it is asked to stop twice."""
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        if not asked:
            eventlet.spawn_n(container.stop)
        asked.append(number)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)


def _wait(container: ServiceContainer) -> None:
    """Until it has ended. A signal that arrives while the hub waits on a socket interrupts only the wait."""
    watched = eventlet.spawn(container.wait)
    while True:
        try:
            watched.wait()
            return
        except InterruptedError:
            continue


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.serve")
    parser.add_argument("service", help="module:Class")
    parser.add_argument("--web-port", type=int)
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_environment()
    except SettingMissing as error:
        print(error, file=sys.stderr)
        return 2
    sys.path.insert(0, ".")
    service = topology.load(options.service)
    log_lines.configure(service.name, settings.log_level)  # type: ignore[attr-defined]
    try:
        serve(service, settings, options.web_port)
    except Exception:
        log.exception("%s died", options.service)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
