"""The channels: one module each. To add one, add its module here; nothing else changes.

A channel's module defines `CHANNEL` (a member of contracts.Channel), `parse(item) -> WorkOrder`, which reads that
channel's own format and raises InvalidInput naming the field, and `SAMPLE`, an item as the channel would send it. Its
shared secret is the entry of the channel's name in the secrets file.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from infra.problem import NotFound
from services.complaints.contracts import Channel
from services.complaints.report import WorkOrder


class KnownChannel(msgspec.Struct, frozen=True):
    """How one channel's items are read."""

    channel: Channel
    parse: Callable[[Mapping[str, Any]], WorkOrder]
    sample: dict[str, Any]


@functools.cache
def known_channels() -> dict[str, KnownChannel]:
    """Every channel that has a module here, by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found[loaded.CHANNEL.value] = KnownChannel(loaded.CHANNEL, loaded.parse, loaded.SAMPLE)
    return found


def channel_named(name: str) -> KnownChannel:
    """The channel of that name. Raises NotFound."""
    known = known_channels().get(name)
    if known is None:
        raise NotFound(f"no channel {name!r}", f"没有这个渠道：{name}", field="channel")
    return known
