"""The fields of a channel's items, as its intake tells them (`GET /intake/<channel>`, signed)."""

import re
import time
import unicodedata

import httpx
import msgspec

from infra.problem import Problem, Unavailable
from infra.signature import signed_headers

OWN = "导入·"  # what the columns begin with that the report of refused rows adds
_DECORATION = re.compile(r"[\s*＊:：]|[(（]必填[)）]")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """See services/complaints/channel_form.py."""

    channel: str
    number: str
    required: list[str]
    moments: list[str]
    fields: list[str]

    def field_of(self, heading: str) -> str:
        """The field that a column's heading names ("工单编号*", "工 单 编 号"), or the heading itself."""
        plain = _DECORATION.sub("", unicodedata.normalize("NFKC", heading))
        return plain if plain in self.fields else heading.strip()

    def known_in(self, headings: list[str]) -> int:
        """How many of `headings` are fields of this form; 0 where the number's own is not among them."""
        found = {self.field_of(one) for one in headings} & set(self.fields)
        return len(found) if self.number in found else 0


def ask_form(url: str, channel: str, secret: str) -> Form:
    """The form of `channel` at the intake `url` (…/intake). Raises the Problem that it answers, Unavailable."""
    path = f"/intake/{channel}"
    headers = signed_headers(secret.encode(), int(time.time()), path.encode())
    try:
        answer = httpx.get(f"{url}/{channel}", headers=headers, timeout=30, trust_env=False)
    except httpx.TransportError as error:
        detail = f"the intake at {url} does not answer: {type(error).__name__}"
        raise Unavailable(detail, "受理接口没有应答，系统是否已启动？") from error
    if answer.status_code != httpx.codes.OK:
        raise Problem.from_json(answer.json())
    return msgspec.json.decode(answer.content, type=Form)
