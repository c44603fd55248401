"""What officers say with a command: it stands in the record, so it is never empty."""

from infra.problem import InvalidInput

SAID_ZH = {  # what officers say, by the field of the command
    "reason": "理由",
    "decision": "裁定意见",
    "condition": "结案条件",
    "reply": "答复",
    "note": "核实情况",
    "missing": "需补正的内容",
}


def said(text: str, field: str) -> str:
    """`text` without surrounding blanks; `field` is one of SAID_ZH. Raises InvalidInput where nothing is left."""
    text = text.strip() if isinstance(text, str) else ""
    if not text:
        raise InvalidInput(f"{field} must not be empty", f"{SAID_ZH[field]}不能为空", field=field)
    return text
