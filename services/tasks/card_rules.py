"""When cards are shown and supervision begins: figures of data/card_rules.csv, each with the day from which it
holds."""

from datetime import datetime, timedelta
from pathlib import Path

from infra.effective import NamedRules

_FIGURES = NamedRules(Path(__file__).parent / "data" / "card_rules.csv", lambda line: float(line["value"]))


def due_soon_share(at: datetime) -> float:
    """黄牌: the share of the time after whose passing a task is due soon, 0..1."""
    return _FIGURES.at("due_soon_share", at)


def supervised_after(at: datetime) -> timedelta:
    """How long after its deadline a duty that is still undone is supervised (督办); natural time."""
    return timedelta(days=_FIGURES.at("supervised_after_days", at))


def supervised_again_after(at: datetime) -> timedelta:
    """How long after an order was closed (销号) a duty that is still late and undone is supervised again; natural
    time."""
    return timedelta(days=_FIGURES.at("supervised_again_after_days", at))


def self_check_warned(at: datetime) -> timedelta:
    """How long before its end the work list shows that a self-check is due; natural time."""
    return timedelta(days=_FIGURES.at("self_check_warned_days", at))


def clue_after(at: datetime) -> int:
    """The how manieth supervision of one unit within `clue_window` is a clue (责任倒查线索)."""
    return int(_FIGURES.at("clue_after_supervisions", at))


def clue_window(at: datetime) -> timedelta:
    """The time within which supervisions of one unit are counted."""
    return timedelta(days=_FIGURES.at("clue_window_days", at))
