"""The channels: one module each. To add one, put its module here and its secret into the secrets file
(`wenming secrets rotate CHANNEL`); nothing else changes.

A channel's module defines
CHANNEL         a member of contracts.Channel
AUTHENTICATION  how its requests prove to be its own (authentication.py), HMAC_SHA256 for most
parse(item)     reads that channel's own format into a WorkOrder; raises InvalidInput naming the field
SAMPLE          an item as the channel would send it
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from infra.problem import NotFound
from services.complaints.authentication import HMAC_SHA256, Authentication
from services.complaints.contracts import Channel
from services.complaints.work_order import WorkOrder


class KnownChannel(msgspec.Struct, frozen=True):
    """How one channel's items are read, and how its requests are told from others'."""

    channel: Channel
    parse: Callable[[Mapping[str, Any]], WorkOrder]
    sample: dict[str, Any]
    authentication: Authentication = HMAC_SHA256

    @property
    def name(self) -> str:
        """Its name in addresses, in the secrets file and in the limits."""
        return self.channel.value


@functools.cache
def known_channels() -> dict[str, KnownChannel]:
    """Every channel that has a module here, by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found[loaded.CHANNEL.value] = KnownChannel(loaded.CHANNEL, loaded.parse, loaded.SAMPLE, loaded.AUTHENTICATION)
    return found


def channel_named(name: str) -> KnownChannel:
    """The channel of that name. Raises NotFound."""
    known = known_channels().get(name)
    if known is None:
        raise NotFound(f"no channel {name!r}", f"没有这个渠道：{name}", field="channel")
    return known
