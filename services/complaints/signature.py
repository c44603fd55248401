"""The MinHash signature of a text, cut into bands: what finds near-identical texts among any number of cases.

One-permutation MinHash: every run of `RUN` characters is hashed once and falls into one of `MINIMA` bins, of each bin
the smallest hash is kept; an empty bin borrows from another that the bin's own number chooses (optimal densification).
Two texts agree in one minimum with the probability of their Jaccard similarity s (of runs), so that they share at
least one of the `BANDS` bands of `ROWS` minima with 1-(1-s²)^16: 0.99 at s = 0.5, 0.22 at 0.125, 0.002 at 0.01.
Runs of four characters (bigrams would do for English words) keep the phrases apart that every letter begins with.

Signatures are stored: whoever changes a constant here must compute those of all open cases anew.
"""

import zlib

RUN = 4  # characters
ROWS = 2
BANDS = 16
MINIMA = ROWS * BANDS
_WIDTH = 4  # bytes of a character in UTF-32
_MASK = (1 << 64) - 1


def bands(plain: str) -> list[int]:
    """One number per band of the normalised text `plain`, each a signed 64-bit integer; none where it is empty."""
    if not plain:
        return []
    minima = _filled(_minima(plain.encode("utf-32-le")))
    return [_band(at, minima[at : at + ROWS]) for at in range(0, MINIMA, ROWS)]


def _minima(encoded: bytes) -> list[int | None]:
    last = max(len(encoded) - (RUN - 1) * _WIDTH, _WIDTH)
    bins: list[int | None] = [None] * MINIMA
    for run in {encoded[at : at + RUN * _WIDTH] for at in range(0, last, _WIDTH)}:
        value = _mixed(zlib.crc32(run))
        kept = bins[value % MINIMA]
        if kept is None or value < kept:
            bins[value % MINIMA] = value
    return bins


def _filled(bins: list[int | None]) -> list[int]:
    """Every empty bin takes what another one holds; at least one is not empty."""
    return [_borrowed(bins, at) if kept is None else kept for at, kept in enumerate(bins)]


def _borrowed(bins: list[int | None], at: int) -> int:
    attempt = 0
    while (found := bins[_mixed(at << 32 | attempt) % MINIMA]) is None:
        attempt += 1
    return found


def _band(number: int, values: list[int]) -> int:
    mixed = number
    for value in values:
        mixed = _mixed(mixed ^ value)
    return mixed - (1 << 64) if mixed >> 63 else mixed


def _mixed(value: int) -> int:
    """A 64-bit number whose bits all depend on all bits of `value` (the finaliser of SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
    return value ^ value >> 31
