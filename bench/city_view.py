"""How long the city's whole picture takes through GraphQL, with 1,000 and with 50,000 cases in the store.

The picture: the city, its 18 districts and zones and their 146 streets, each with the counts of cases and tasks, what
is overdue, score and rank; and the first page of the city's cases. Beside it, in the same run, an empty one (`me`).
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from bench.measurement import Measurement, percentile
from bench.seeding import seed_to
from bench.system import system
from gateway.settings import TOKEN_SECRET
from gateway.token import issue
from infra.organisation.officer import Officer, Role

FIGURES = "name caseCounts { total open closed } taskCounts { total open overdue } score rank"
PICTURE = f"""{{ city {{ {FIGURES} bulletins(first: 3) {{ edges {{ node {{ number title }} }} }}
  cases(first: 20) {{ totalCount edges {{ node {{ number title status }} }} }}
  children {{ {FIGURES} children {{ {FIGURES} }} }} }} }}"""
EMPTY = "{ me { name } }"
ROUNDS = 40


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    found: dict[str, float] = {}
    for name, size in (("city_view_ms_1k", 1_000), ("city_view_ms_50k", 50_000)):
        seed_to(size)
        found[name] = median_ms(PICTURE)
    say(f"median of {ROUNDS}; the empty picture takes {median_ms(EMPTY):.1f} ms")
    return found


def median_ms(query: str) -> float:
    """Milliseconds from question to whole answer, median. Raises RuntimeError where the answer has errors."""
    officer = Officer(Role.CITY_OFFICE, "5301", "bench")
    token = issue(system().secrets[TOKEN_SECRET], officer, now=datetime.now(UTC), lifetime=timedelta(hours=1))
    taken = []
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False) as client:
        for _ in range(ROUNDS):
            began = time.monotonic()
            answer = client.post(system().addresses()["GraphQL"], json={"query": query})
            taken.append((time.monotonic() - began) * 1000)
            if "errors" in answer.json():
                raise RuntimeError(json.dumps(answer.json()["errors"][:2], ensure_ascii=False))
    return percentile(taken[2:], 0.5)


MEASUREMENTS = [Measurement("city_view", ("city_view_ms_1k", "city_view_ms_50k"), run)]
