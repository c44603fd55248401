"""查询码: eight characters that a citizen is told with the receipt, and without which the receipt opens nothing.

It is derived from the key of the report (privacy.py) and stored nowhere: a rotation of the master key leaves it as it
is, the erasure of the report ends it. The letters and digits have no look-alikes (no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V),
so that it survives the telephone and handwriting; how it is grouped or capitalised does not matter. 26 to the power of
8 are 2·10¹¹ codes, and guesses.py lets nobody try more than a few.
"""

import hmac
import unicodedata

from services.complaints.privacy import CannotOpen, Vault
from services.complaints.report import Report

ALPHABET = "23456789ACDEFGHJKMNPQRTWXY"
LENGTH = 8
PURPOSE = b"query code"


def code_of(report: Report, vault: Vault) -> str | None:
    """The code of `report` as it is given away, e.g. `K7QM-4XTA`; None once the report is erased, or where its key was
    wrapped by a master key that is not known here."""
    if report.key is None:
        return None
    try:
        secret = vault.derive(report.id, report.key, PURPOSE)
    except CannotOpen:
        return None
    return written(int.from_bytes(secret))


def written(number: int) -> str:
    """The code that stands for `number`, of which only the rest modulo all codes counts."""
    letters = []
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    half = LENGTH // 2
    return f"{''.join(letters[:half])}-{''.join(letters[half:])}"


def fits(said: str, code: str | None) -> bool:
    """Whether the citizen said this code, in a time that tells nothing about it. No code (None) fits nothing."""
    same = hmac.compare_digest(_plain(said).encode(), _plain(code or written(0)).encode())
    return same and code is not None


def _plain(code: str) -> str:
    """Without case, blanks, hyphens and full-width forms."""
    folded = unicodedata.normalize("NFKC", code[: 4 * LENGTH]).upper()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())
