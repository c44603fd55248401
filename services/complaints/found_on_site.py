"""What somebody found on site for the city (inspection, patrol, assessor, superiors): the formats differ in their
words, not in their shape. A channel's module names its words; what is found is to be put right (投诉)."""

import msgspec

from services.complaints.field_reading import (
    TEXT_LIMIT,
    Item,
    choice,
    deadlines,
    flag,
    moment,
    point,
    required_text,
    text,
    unlisted,
    words,
)
from services.complaints.photos import photos
from services.complaints.work_order import Content, WorkOrder

URGENCIES: dict[str, str] = {word: word for word in ("一般", "紧急", "特急")}
TITLE_LENGTH = 30


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's names of the fields; "" for what it does not say.

    `said` what was found (must be there), `at` when, `title`, `spot` the short name of the site, `category`, `urgency`,
    `difficult` whether it is key and difficult (疑难), `handed_over` when it was handed down; `places` where it is, the
    most exact first; `facts` further texts, `deadlines` dates by which the sender wants it, `personal` about people.
    """

    said: str
    at: str
    title: str = ""
    spot: str = ""
    category: str = ""
    urgency: str = ""
    difficult: str = ""
    handed_over: str = ""
    places: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


def found_on_site(item: Item, its: Words, external_id: str) -> WorkOrder:
    """The work order in `item`, read by the channel's own words. Raises InvalidInput naming the field."""
    said = required_text(item, its.said, TEXT_LIMIT)
    wanted, spoken = deadlines(item, its.deadlines)
    choices = {its.urgency: URGENCIES} if its.urgency else {}
    content = Content(
        title=_title(item, its) or said[:TITLE_LENGTH],
        text=said,
        declared_category=text(item, its.category) or "",
        declared_kind="投诉",
        declared_urgency=choice(item, its.urgency, URGENCIES) or "",
        place_fields={field: place for field in its.places if (place := text(item, field))},
        point=point(item, "坐标"),
        occurred_at=moment(item, its.at),
        handed_over_at=moment(item, its.handed_over),
        deadlines=wanted,
        attachments=words(item, "附件"),
        photos=photos(item, "照片"),
        difficult=flag(item, its.difficult) == "是",
        facts={field: value for field in its.facts if (value := text(item, field))} | spoken | unlisted(item, choices),
    )
    personal = {field: value for field in its.personal if (value := text(item, field))}
    return WorkOrder(external_id=external_id, content=content, personal=personal)


def _title(item: Item, its: Words) -> str:
    """The title where the channel gives one, else category and site."""
    return text(item, its.title) or " ".join(one for field in (its.category, its.spot) if (one := text(item, field)))
