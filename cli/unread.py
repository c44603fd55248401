"""What channels sent and nobody could take in, and still waits for a person: how many."""

from collections.abc import Iterable

from cli.main import Town
from cli.rpc import call
from cli.unfiled import UNKNOWN
from infra.local.status import ProcessState
from infra.local.trouble import NotReady
from infra.problem import Problem

COMPLAINTS = "complaints"
PATIENCE = 3.0  # seconds


def unread(town: Town, processes: Iterable[ProcessState], *, broker_answers: bool) -> str:
    """One line about them; what cannot be known is 未知. complaints is asked only where it and the broker run: who
    looks what is wrong does not wait."""
    runs = any(row.name.startswith(COMPLAINTS) and row.pid is not None for row in processes)
    if not (runs and broker_answers):
        return _told(UNKNOWN)
    try:
        counts = call(town, COMPLAINTS, "misfit_counts", patience=PATIENCE)
    except (NotReady, Problem):
        return _told(UNKNOWN)
    return _told(str(sum(of_channel.get("waiting", 0) for of_channel in counts.values())))


def _told(number: str) -> str:
    return f"not understood and waiting for a person (wenming misfits list --state waiting): {number}"
