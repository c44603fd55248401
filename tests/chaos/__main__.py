"""`python -m tests.chaos [--json FILE] [--only WORD]`: every fault, one line each; exit code 1 where one did harm.

Prints where the logs are when something went wrong; the instances are removed otherwise.
"""

import argparse
import os
import secrets
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from infra.local.cluster import BrokerCluster, DatabaseCluster
from infra.local.premises import CHECKOUT, External
from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.site import Site
from tests.chaos.trial import Result, run, tell

FIELDS = ("fault", "in_flight", "recovery_s", "loss", "duplicates")


def _tried(site: Site, some: Iterable[Fault]) -> list[Result]:
    results = []
    for fault in some:
        results.append(run(site, fault))
        tell(results[-1])
    return results


def _on_one(home: Path, only: str) -> list[Result]:
    chosen = [fault for fault in faults.ON_ONE if only in fault.name]
    if not chosen:
        return []
    with Site(home / "one") as site:
        return _tried(site, chosen)


def _on_clusters(home: Path, only: str) -> list[Result]:
    brokers = BrokerCluster(home / "brokers", password=secrets.token_urlsafe(12))
    databases = DatabaseCluster(home / "databases")
    chosen = [fault for fault in faults.on_clusters(brokers, databases) if only in fault.name]
    if not chosen:
        return []
    with brokers, databases:
        external = External(brokers.url, databases.url, brokers.management_url)
        with Site(home / "clustered", external=external) as site:
            return _tried(site, chosen)


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--json", type=Path, help="write the results as a list of objects")
    parser.add_argument("--only", default="", help="faults with this word in their name")
    options = parser.parse_args()
    home = CHECKOUT / ".wenming" / f"chaos-{os.getpid()}"
    results = _on_one(home, options.only) + _on_clusters(home, options.only)
    if options.json:
        rows = [{name: getattr(result, name) for name in FIELDS} for result in results]
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2))
    if results and all(result.passed for result in results):
        shutil.rmtree(home)
        return 0
    print(f"the logs are in {home}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
