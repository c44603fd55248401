"""What channels sent and nobody could take in, and still waits for a person: how many."""

from collections.abc import Iterable

from cli.main import Town
from cli.rpc import call
from cli.unfiled import UNKNOWN
from infra.local.status import ProcessState
from infra.local.trouble import NotReady
from infra.problem import Problem

COMPLAINTS = "complaints"


def unread(town: Town, processes: Iterable[ProcessState]) -> str:
    """One line about them; what cannot be known is 未知. complaints is asked only where it runs."""
    if not any(row.name.startswith(COMPLAINTS) and row.pid is not None for row in processes):
        return _told(UNKNOWN)
    try:
        counts = call(town, COMPLAINTS, "misfit_counts")
    except (NotReady, Problem):
        return _told(UNKNOWN)
    return _told(str(sum(of_channel.get("waiting", 0) for of_channel in counts.values())))


def _told(number: str) -> str:
    return f"not understood and waiting for a person (wenming misfits list --state waiting): {number}"
