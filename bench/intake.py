"""How many reports a second the intake stores durably and answers: one by one, and in arrays of a hundred.

Beside it the plain counterpart in the same run: pymongo's `insert_many` of the very documents that the intake stored,
in the same batches, with the same write concern.
"""

import time
from collections.abc import Callable

from pymongo.write_concern import WriteConcern

from bench.measurement import Measurement
from bench.orders import in_batches, orders
from bench.pushing import push_all, span
from bench.system import database

SINGLES, BATCHES, BATCH = 1_500, 60, 100
THREADS = 16


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    push_all(orders(200, "WARM"), threads=4)
    singles = SINGLES / span(push_all(orders(SINGLES, "SINGLE"), threads=THREADS))
    batches = BATCHES * BATCH / span(push_all(in_batches(orders(BATCHES * BATCH, "BATCH"), BATCH), threads=4))
    plain = insert_many_per_s()
    say(f"{THREADS} connections for singles, 4 for arrays of {BATCH}; triage of what came in runs at the same time")
    say(f"plain insert_many of the same documents: {plain:,.0f}/s")
    return {
        "intake_single_per_s": singles,
        "intake_batch_per_s": batches,
        "intake_batch_vs_insert_many": batches / plain,
    }


def insert_many_per_s() -> float:
    """Documents a second by `insert_many` (majority, journaled) of the stored reports into an empty collection."""
    reports = database("complaints")
    documents = list(reports["reports"].find({"_id": {"$regex": "BATCH-"}}).limit(BATCHES * BATCH))
    if len(documents) != BATCHES * BATCH:
        raise RuntimeError(f"expected {BATCHES * BATCH} stored reports, found {len(documents)}")
    scratch = reports.get_collection("bench_scratch", write_concern=WriteConcern(w="majority", j=True))
    began = time.monotonic()
    for start in range(0, len(documents), BATCH):
        scratch.insert_many(documents[start : start + BATCH], ordered=False)
    rate = len(documents) / (time.monotonic() - began)
    scratch.drop()
    return rate


MEASUREMENTS = [
    Measurement("intake", ("intake_single_per_s", "intake_batch_per_s", "intake_batch_vs_insert_many"), run)
]
