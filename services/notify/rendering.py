"""Documents as text and HTML, from the templates beside this module. Pure: the same facts give the same bytes.

Everything that comes from outside is escaped in HTML. Moments are written in the city's time, 北京时间.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from infra.clock import CITY_ZONE
from infra.organisation import unit_path
from infra.organisation.registry import Registry
from services.notify.draft import Draft

TEMPLATES = Path(__file__).parent / "templates"
FORWARDING_MARK = "<!-- forwarding -->"


class Rendered(msgspec.Struct, frozen=True):
    """A document ready to be kept and sent."""

    text: str
    html: str


class Renderer:
    """The templates, with the names of a registry's units."""

    def __init__(self, registry: Registry) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        filters: dict[str, Callable[..., str]] = {
            "unit": registry.name,
            "parent_unit": lambda path: registry.name(unit_path.parent(path) or path),
            "day": chinese_day,
            "score": two_decimals,
            "change": change_in_words,
        }
        self._environment.filters.update(filters)

    def notice(self, draft: Draft, office: str, number: str, at: datetime) -> Rendered:
        """What the unit of `draft` reads, signed by `office` at the moment `at`."""
        words = draft.words
        return self.render(
            "notice",
            office=office,
            number=number,
            title=words.title,
            unit=draft.unit,
            opening=words.opening,
            facts=draft.facts,
            closing=words.closing,
            issued_at=at,
        )

    def render(self, template: str, **facts: Any) -> Rendered:
        """`<template>.txt` and `<template>.html` with `facts`. Raises UndefinedError where a fact is missing."""
        facts["forwarding_mark"] = Markup(FORWARDING_MARK)
        text = self._environment.get_template(f"{template}.txt").render(facts)
        return Rendered(text=text, html=self._environment.get_template(f"{template}.html").render(facts))


def with_forwarding(document: Rendered, remark: str) -> Rendered:
    """The document with a remark on top, for somebody who gets it in place of another."""
    paragraph = Markup('<p class="forward">{}</p>').format(escape(remark))
    html = document.html.replace(FORWARDING_MARK, str(paragraph), 1)
    return Rendered(text=f"{remark}\n\n{document.text}", html=html)


def chinese_day(moment: datetime) -> str:
    """2026年4月2日, in the city."""
    local = moment.astimezone(CITY_ZONE)
    return f"{local.year}年{local.month}月{local.day}日"


def chinese_moment(moment: datetime) -> str:
    """2026年4月2日 18:00（北京时间）."""
    return f"{chinese_day(moment)} {moment.astimezone(CITY_ZONE):%H:%M}（北京时间）"


def two_decimals(score: float) -> str:
    """91.50."""
    return f"{score:.2f}"


def change_in_words(change: int | None) -> str:
    """Places won or lost since the last round: ↑3, ↓1, 持平; — where there is none to compare."""
    if change is None:
        return "—"
    if change == 0:
        return "持平"
    return f"↑{change}" if change > 0 else f"↓{-change}"


def names(registry: Registry, units: Sequence[str]) -> str:
    """五华区、盘龙区."""
    return "、".join(registry.name(unit) for unit in units)
