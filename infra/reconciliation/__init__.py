"""Reconciliation: whether what one service holds is what another holds, on a running system, as of a moment.

    books.py        a service's side: ledgers (key → value), read as pages with a digest, or entry by entry
    summary.py      totals, outboxes, queues, counters of a service
    provider.py     gives a service its books, and what it knows of its own queues, outboxes and counters
    counters.py     whether counters are the sum of what was counted
    comparison.py   the asker's side: walks two ledgers in step and looks closely only where their digests differ

Knows no domain word: each service says in its `books.py` which ledgers there are; the asker says which are to be equal.
"""
