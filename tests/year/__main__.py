"""`python -m tests.year --cases N [--seed S]`: a long year on the database of MONGODB_URL; exit code 1 where the books
do not agree. The same seed lives the same year."""

import argparse
import os
import random
import sys
import time

from tests.year.run import database, differences, live


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.year")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--streets", type=int, default=100, help="in how many streets the plan is carried out")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    began = time.monotonic()
    with database(os.environ["MONGODB_URL"]):
        town, books = live(options.seed, options.cases, options.streets)
        found = differences(town, books)
    for one in found[:50]:
        print(f"  {one}")
    events, tasks = len(town.postbox.events), len(books.entries)
    print(
        f"{tasks} tasks, {events} events, {town.restarts} restarts, {time.monotonic() - began:.0f} s: "
        f"{len(found)} differences"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
