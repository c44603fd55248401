"""Secrets that are changed while services run: the new one opens at once, the old one for an overlap after it.

The secrets file is JSON, {name: secret}. What was rotated has beside its entry `NAME` the entries `NAME.previous`,
`NAME.previous_until` (unix seconds, as text) and `NAME.rotated_at`. Whoever reads only `NAME` has the newest.
Running processes take up a new file by themselves (changing_secrets.py).
"""

from collections.abc import Mapping

PREVIOUS, PREVIOUS_UNTIL, ROTATED_AT = ".previous", ".previous_until", ".rotated_at"


def rotated(entries: Mapping[str, str], name: str, fresh: str, *, overlap: float, now: float) -> dict[str, str]:
    """`entries` with `fresh` as the secret of `name`; the old one stays good for `overlap` seconds after `now`."""
    kept = {key: value for key, value in entries.items() if key not in (name + PREVIOUS, name + PREVIOUS_UNTIL)}
    if name in entries and overlap > 0:
        kept |= {name + PREVIOUS: entries[name], name + PREVIOUS_UNTIL: str(int(now + overlap))}
    return kept | {name: fresh, name + ROTATED_AT: str(int(now))}


def valid(entries: Mapping[str, str], name: str, now: float) -> list[bytes]:
    """The secrets that open `name` at `now`, the newest first; none where it has none."""
    found = [entries[name]] if entries.get(name) else []
    if now < _previous_until(entries, name):
        found.append(entries[name + PREVIOUS])
    return [one.encode() for one in found]


def signing(entries: Mapping[str, str], name: str, now: float) -> str | None:
    """The secret with which to sign at `now` for somebody who still has to take up a new one: the old one, until its
    overlap has passed. None where there is none."""
    return entries[name + PREVIOUS] if now < _previous_until(entries, name) else entries.get(name)


def _previous_until(entries: Mapping[str, str], name: str) -> int:
    """Until when the old secret is good (unix seconds); 0 where there is none, or what was written there is no time."""
    until = entries.get(name + PREVIOUS_UNTIL, "")
    return int(until) if entries.get(name + PREVIOUS) and until.isascii() and until.isdigit() else 0
