"""Personal numbers in free text, masked: what a view shows of them. Pure.

    mobile numbers       138****0000       with or without 86, blanks or hyphens between the groups
    identity numbers     5301************12   of 18 or 15 digits, valid or not
    landline numbers     0871-****5678     with their area code; only where the words are a citizen's, because a reply
                                           may name the telephone of an office

Not found are names, addresses, and numbers written in words. Longer or shorter runs of digits (numbers of work orders,
grid cells, dates) stay as they are.
"""

import re

_GAP = r"[\s-]?"
IDENTITY = re.compile(rf"(?<!\d)(\d{{4}})(?:\d{{2}}{_GAP}\d{{8}}{_GAP}\d{{2}}|\d{{9}})(\d[\dXxＸｘ]|\d{{2}})(?![\dXx])")
MOBILE = re.compile(rf"(?<!\d)((?:[+＋]?8\s?6{_GAP})?)([1１][3-9３-９]\d){_GAP}\d{{4}}{_GAP}(\d{{4}})(?!\d)")
LANDLINE = re.compile(rf"(?<!\d)([(（]?[0０]\d{{2,3}}[)）]?{_GAP})\d{{3,4}}{_GAP}(\d{{4}})(?!\d)")
_STARS = "*" * 12


def masked(text: str) -> str:
    """`text` of a citizen, its mobile, landline and identity numbers masked."""
    return LANDLINE.sub(r"\1****\2", masked_of_office(text))


def masked_of_office(text: str) -> str:
    """`text` of an officer: like `masked`, but landline numbers stay."""
    return MOBILE.sub(r"\1\2****\3", IDENTITY.sub(_identity, text))


def _identity(found: re.Match[str]) -> str:
    hidden = sum(character.isdigit() for character in found[0][4:-2])
    return f"{found[1]}{_STARS[:hidden]}{found[2]}"
