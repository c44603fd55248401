"""The form of a channel's items: which fields its parser reads, for who prepares a table of them.

Nothing declares it: the parser is watched while it reads the channel's own sample, and tried with what it must refuse.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from infra.problem import Problem
from services.complaints.channels import KnownChannel

NO_NUMBER = "a b"  # no identifier: it holds a blank
A_MOMENT, NO_MOMENT = "2026-03-02 09:15:00", "not a moment"


class ChannelForm(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is the field of the sender's own number; `moments` are those that hold date and time."""

    channel: str
    number: str
    required: list[str]
    moments: list[str]
    fields: list[str]
    sample: dict[str, Any]


class _Watched(dict[str, Any]):
    """An item that notes which of its fields are asked for."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__(item)
        self.asked: dict[str, None] = {}

    def get(self, key: str, default: Any = None) -> Any:
        self.asked[key] = None
        return super().get(key, default)


def form_of(channel: KnownChannel) -> ChannelForm:
    """The form of the channel's items, in the order of its sample, then of its parser."""
    watched = _Watched(channel.sample)
    channel.parse(watched)
    fields = list(dict.fromkeys([*channel.sample, *watched.asked]))
    required = [field for field in fields if not _reads(channel, field, None)]
    return ChannelForm(
        channel=channel.name,
        number=next(field for field in required if not _reads(channel, field, NO_NUMBER)),
        required=required,
        moments=[one for one in fields if _reads(channel, one, A_MOMENT) and not _reads(channel, one, NO_MOMENT)],
        fields=fields,
        sample=channel.sample,
    )


def _reads(channel: KnownChannel, field: str, value: str | None) -> bool:
    """Whether the parser takes the sample with this value in the field (None: without it)."""
    item = {name: said for name, said in channel.sample.items() if name != field}
    try:
        channel.parse(item if value is None else item | {field: value})
    except Problem:
        return False
    return True
