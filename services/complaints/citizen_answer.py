"""满意度: what one citizen said about one ending of the case; once, and not to be changed.

A case that was reopened ends anew, and the citizen may answer anew. What they add in their own words is sealed with the
key of their report, so that erasing the report erases it.
"""

from typing import Any, ClassVar

from mongoengine import DateTimeField, IntField, StringField

from infra.messaging.outbox import Aggregate
from infra.struct_field import struct_field
from services.complaints.contracts import SERVICE, Satisfaction
from services.complaints.privacy import Vault, WrappedKey


class CitizenAnswer(Aggregate):
    """An answer to closing number `ending` of the case (from 1; 0: to a direct answer)."""

    meta: ClassVar[dict[str, Any]] = {
        "db_alias": SERVICE,
        "collection": "citizen_answers",
        "indexes": ["case_id", "report_id"],
    }
    noun = "citizen_answer"

    id = StringField(primary_key=True)
    report_id = StringField(required=True)
    receipt = StringField(required=True)
    case_id = StringField(required=True)
    ending = IntField(required=True)
    said: Satisfaction = struct_field(Satisfaction)
    sealed_words: bytes | None = struct_field(bytes)
    at = DateTimeField(required=True)

    def words(self, key: WrappedKey | None, vault: Vault) -> str:
        """What the citizen added; "" where nothing, or the report was erased. Raises CannotOpen."""
        if key is None or self.sealed_words is None:
            return ""
        return vault.open(self.report_id, key, self.sealed_words).decode()


def answer_id(report_id: str, case_id: str, ending: int) -> str:
    """The id of the answer for this report to this ending: there can be only one."""
    return f"{report_id}|{case_id}|{ending}"
