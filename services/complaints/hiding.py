"""Where a text says what its report has sealed: found once, when the report comes and its personal data is at hand, so
that a view can hide it without opening anything. Pure.

Kept are positions, and what is shown instead; never the words. Numbers are shown as masking.py shows them. A home that
is also where the matter is stays: a unit has to go there. Not found is a name that is written otherwise than it was
sealed, and one in another report, or in what officers write.
"""

from collections.abc import Iterator, Mapping, Sequence

from services.complaints.anonymising import HOME, known_words
from services.complaints.masking import masked

Span = tuple[int, int, str]  # from, up to, what a view shows there


def hidden_in(texts: Mapping[str, str], personal: Mapping[str, str], address: str) -> dict[str, list[Span]]:
    """By name of the text, where it says one of the `personal` values, from left to right; texts without are left
    out. `address` is where the matter is."""
    shown = {word: _shown(word, instead) for word, instead in known_words([personal]).items()}
    words = [word for word in sorted(shown, key=len, reverse=True) if shown[word] != HOME or word not in address]
    found = {name: _spans(text, words, shown) for name, text in texts.items()}
    return {name: spans for name, spans in found.items() if spans}


def hide(text: str, spans: Sequence[Span]) -> str:
    """What a view shows of `text`: nothing in clear of what stands at `spans`, and every number masked."""
    for start, end, shown in reversed(spans):
        text = text[:start] + shown + text[end:]
    return masked(text)


def _shown(word: str, instead: str) -> str:
    return found if (found := masked(word)) != word else instead


def _spans(text: str, words: Sequence[str], shown: Mapping[str, str]) -> list[Span]:
    """The longest word first; what lies inside one that was found is not looked at again."""
    taken: list[Span] = []
    for word in words:
        for start in _places(text, word):
            end = start + len(word)
            if all(end <= first or last <= start for first, last, _ in taken):
                taken.append((start, end, shown[word]))
    return sorted(taken)


def _places(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + len(word))
