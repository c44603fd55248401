"""A work order as a channel's parser understood it: what every report is made of."""

import hashlib
from datetime import datetime

import msgspec

from services.complaints.hiding import Span
from services.complaints.photos import Photo


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel's parser understood of a work order, without personal data.

    `declared_…` are the sender's own words, "" where it does not say: the category (大类/小类 joined by `/`, or
    诉求归口), 诉求类型, 紧急程度. `place_fields` say where the matter is, by their own names, the most exact first.
    `point` is longitude, latitude in degrees. `handed_over_at` is 交办时间, `deadlines` are the moments until when the
    sender wants it, by their Chinese names; `difficult` is 疑难 or 重点. `attachments` and `photos` are references,
    never bytes. `facts` are further fields by their Chinese names. `hidden` says where title, text and address hold
    what the report sealed, `hidden_facts` the same of `facts` (hiding.py; None: from before that was looked for); they
    are found when the report is stored, and are no part of the fingerprint.
    """

    title: str
    text: str
    declared_category: str = ""
    declared_kind: str = ""
    declared_urgency: str = ""
    place_fields: dict[str, str] = {}
    point: tuple[float, float] | None = None
    occurred_at: datetime | None = None
    reported_at: datetime | None = None
    handed_over_at: datetime | None = None
    deadlines: dict[str, datetime] = {}
    attachments: list[str] = []
    photos: list[Photo] = []
    difficult: bool = False
    facts: dict[str, str] = {}
    hidden: dict[str, list[Span]] = {}
    hidden_facts: dict[str, list[Span]] | None = None

    @property
    def address(self) -> str:
        """Where the sender said it is, in one line."""
        return "，".join(self.place_fields.values())

    @property
    def demanded_by(self) -> datetime | None:
        """The earliest moment until when the sender wants something of it; None where it names none."""
        return min(self.deadlines.values(), default=None)

    def fingerprint(self) -> str:
        """The same for the same content as the parser understood it."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:32]


class WorkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One pushed item as understood: the sender's number, the content, and the personal data by their Chinese names."""

    external_id: str
    content: Content
    personal: dict[str, str] = {}
