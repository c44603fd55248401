"""Templates of replies to citizens (data/reply_templates.toml): an officer drafts with one, fills the gaps, sends.

A placeholder that nothing is known for stands in the draft as 〔待填：政策依据〕;
no reply that still holds one is taken.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from infra.problem import InvalidInput
from services.complaints.contracts import DraftReply, ReplyTemplate, RequestKind

TEMPLATES = Path(__file__).parent / "data" / "reply_templates.toml"
PLACEHOLDERS: dict[str, str] = {
    "receipt": "回执号",
    "case_number": "案件编号",
    "title": "标题",
    "unit": "承办单位",
    "policy": "政策依据",
    "content": "答复内容",
    "missing": "需补正的内容",
    "due": "补正期限",
    "phone": "联系电话",
}
LONGEST_FIELD = 2000  # characters
_UNFILLED = re.compile(r"〔待填：[^〕]*〕")
_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_SUGGESTED = {
    RequestKind.ENQUIRY: "enquiry",
    RequestKind.SUGGESTION: "suggestion",
    RequestKind.PRAISE: "praise",
}


@cache
def reply_templates() -> dict[str, ReplyTemplate]:
    """Every template by its code, with the placeholders that it holds."""
    read = tomllib.loads(TEMPLATES.read_text("utf-8"))
    return {
        code: ReplyTemplate(
            code=code,
            zh=row["zh"],
            text=row["text"].strip(),
            placeholders=sorted(
                meta.find_undeclared_variables(_JINJA.parse(row["text"])), key=list(PLACEHOLDERS).index
            ),
        )
        for code, row in read.items()
    }


def _named(text: str) -> set[str]:
    return meta.find_undeclared_variables(_JINJA.parse(text))


def template(code: str, field: str = "template") -> ReplyTemplate:
    """The template of that code, which came as `field`. Raises InvalidInput."""
    found = reply_templates().get(code) if isinstance(code, str) else None
    if found is None:
        raise InvalidInput(
            f"no template {code!r}; known are {', '.join(reply_templates())}", f"没有这个模板：{code}", field=field
        )
    return found


def draft(code: str, known: Mapping[str, str]) -> DraftReply:
    """The text of the template with what is `known`, and which placeholders are left. Raises InvalidInput."""
    chosen = template(code)
    given = {name: value.strip() for name, value in known.items() if isinstance(value, str) and value.strip()}
    for name in known:
        if name not in PLACEHOLDERS:
            raise InvalidInput(f"no placeholder {name!r}", f"没有这个占位：{name}", field=name)
    if any(len(value) > LONGEST_FIELD for value in given.values()):
        raise InvalidInput(f"a field has at most {LONGEST_FIELD} characters", "内容过长", field="fields")
    missing = [name for name in chosen.placeholders if name not in given]
    filled = given | {name: f"〔待填：{PLACEHOLDERS[name]}〕" for name in missing}
    return DraftReply(template=code, text=_JINJA.from_string(chosen.text).render(filled), missing=missing)


def suggested_template(kind: RequestKind) -> str:
    """The template by which such a request is answered; what should be put right is answered as 不予受理."""
    return _SUGGESTED.get(kind, "not_accepted")


def complete(reply: str) -> str:
    """`reply`, where nothing is left to be filled in. Raises InvalidInput."""
    if left := _UNFILLED.search(reply):
        raise InvalidInput(f"the reply still holds {left[0]}", f"答复中尚有{left[0]}", field="reply")
    return reply
