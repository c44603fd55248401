"""Likes, where a channel gives them: among the further facts of a report, by their Chinese names."""

from collections.abc import Iterable, Mapping

LIKES, DISLIKES = ("点赞数", "点赞", "赞", "支持数"), ("点踩数", "反对数", "踩")


def likes_in(facts: Mapping[str, str]) -> int:
    """Likes less dislikes; 0 where the channel says nothing of them."""
    return _count(facts, LIKES) - _count(facts, DISLIKES)


def _count(facts: Mapping[str, str], names: Iterable[str]) -> int:
    found = (facts[name].strip() for name in names if name in facts)
    return next((int(text) for text in found if text.isascii() and text.isdigit() and len(text) <= 9), 0)
