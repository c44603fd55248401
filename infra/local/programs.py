"""The product's own processes, as data. A new process is one more line in `PROGRAMS`.

In a command, `{python}` is this interpreter, `{home}` the instance's directory and `{gateway}`, `{smtp}`, … its ports.
Programs of one wave start together, after the waves before them are ready; they stop in the opposite order.
"""

from typing import Literal

import msgspec

Ready = Literal["file", "listens"]

SERVICES = {
    "complaints": "services.complaints.service:ComplaintsService",
    "tasks": "services.tasks.service:TasksService",
    "assessment": "services.assessment.service:AssessmentService",
    "notify": "services.notify.service:NotifyService",
}

WEB_PORTS = {"complaints": "intake", "tasks": "materials"}  # of the services that answer HTTP


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One process. It is ready when it has touched the file WENMING_READY_FILE, or when it listens on `port`.

    `port` is the name of a field of Ports, None where it listens on none; `stop_seconds` is how long its end may take.
    """

    name: str
    command: tuple[str, ...]
    wave: int
    port: str | None = None
    ready: Ready = "file"
    start_seconds: float = 60.0
    stop_seconds: float = 20.0


SINK = Program(
    name="smtp",
    command=("{python}", "-m", "infra.local.smtp_sink", "--port", "{smtp}", "--directory", "{home}/mail"),
    wave=1,
    port="smtp",
    ready="listens",
)
GATEWAY = Program(
    name="gateway",
    command=(
        *("{python}", "-m", "uvicorn", "--factory", "gateway.app:create_app"),
        *("--host", "127.0.0.1", "--port", "{gateway}", "--timeout-graceful-shutdown", "5", "--no-access-log"),
    ),
    wave=2,
    port="gateway",
    ready="listens",
)
PROGRAMS = (
    SINK,
    *(
        Program(
            name=name,
            command=("{python}", "-m", "infra.serve", service),
            wave=1,
            port=WEB_PORTS.get(name),
        )
        for name, service in SERVICES.items()
    ),
    GATEWAY,
)

# Declares every exchange, queue and binding before anything publishes (an event without a queue would be an error).
TOPOLOGY = ("{python}", "-m", "infra.messaging.topology", *SERVICES.values())
