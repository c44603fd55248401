"""Where a hotline is called, and the secret with which we sign to it: settings of the operator, of nobody else."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec

from infra.settings import SettingMissing
from services.complaints.channels import channel_named
from services.complaints.contracts import CALLBACK_SECRET, Channel


class Address(msgspec.Struct, frozen=True):
    """A hotline's own end; `secret` gives the present one, so that it can be changed without a restart."""

    channel: Channel
    url: str
    secret: Callable[[], str | None]

    def __repr__(self) -> str:
        """Without what may be secret in the URL."""
        return f"Address({self.channel.value}, {urlsplit(self.url).hostname})"


def addresses(urls: Mapping[str, str], secret_of: Callable[[str], str | None]) -> list[Address]:
    """One for each channel with a URL in the settings.

    Raises NotFound (no such channel), SettingMissing (not https or http, user or fragment in the URL, no secret).
    """
    return [_address(name, url, secret_of) for name, url in urls.items()]


def _address(name: str, url: str, secret_of: Callable[[str], str | None]) -> Address:
    channel, parts = channel_named(name).channel, urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None or parts.fragment:
        raise SettingMissing(f"the callback address of {name} must be an https URL without user and fragment")
    entry = CALLBACK_SECRET.format(channel=channel.value)
    if not secret_of(entry):
        raise SettingMissing(f"the secrets file has no {entry}: callbacks to {name} cannot be signed")
    return Address(channel, url, lambda: secret_of(entry))
