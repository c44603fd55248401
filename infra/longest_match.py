"""Finding many given terms in running text: the longest that starts at a position wins, and matches do not overlap.

Chinese is written without spaces, so terms are looked for at every position. They are held in a table by their first
two characters: the time taken grows with the text, not with the number of terms.
"""

from collections.abc import Iterable, Iterator

_HEAD = 2


class TermTable:
    """Terms of at least two characters (shorter ones are never found), ready to be looked for."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = frozenset(term for term in terms if len(term) >= _HEAD)
        lengths: dict[str, set[int]] = {}
        for term in self._terms:
            lengths.setdefault(term[:_HEAD], set()).add(len(term))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    def scan(self, text: str) -> Iterator[tuple[str, int]]:
        """Each term found in `text` with the position at which it starts, from left to right."""
        position, last = 0, len(text) - _HEAD
        while position <= last:
            for length in self._lengths.get(text[position : position + _HEAD], ()):
                term = text[position : position + length]
                if term in self._terms:
                    yield term, position
                    position += length
                    break
            else:
                position += 1
