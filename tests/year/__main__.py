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
    parser.add_argument("--planned", type=int, default=100, help="how many units carry out the plan")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    began = time.monotonic()
    with database(os.environ["MONGODB_URL"]):
        town, books = live(options.seed, options.cases, options.planned)
        found = differences(town, books)
    for one in found[:50]:
        print(f"  {one}")
    print(f"{books.summary()}; {town.restarts} restarts, {town.refusals} refusals")
    print(f"{len(town.postbox.events)} events, {time.monotonic() - began:.0f} s: {len(found)} differences")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
