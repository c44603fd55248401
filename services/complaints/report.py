"""来件: what one person or system said on one channel. Stored once per channel and number, never changed afterwards;
what comes under the same number with new content is kept beside it as a revision.

The text stays readable inside complaints; personal data and the raw payload are sealed with a key of the report's own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from mongoengine import DateTimeField, StringField

from infra.messaging.outbox import Aggregate
from infra.problem import Refused
from infra.struct_field import struct_field
from services.complaints.contracts import SERVICE, Channel, ReportReceived
from services.complaints.hiding import hidden_in
from services.complaints.persons import identity_of
from services.complaints.privacy import KEY_INDEX, Vault, WrappedKey
from services.complaints.work_order import Content, WorkOrder

MOST_REVISIONS = 50
ERASED_TITLE = "（内容已删除）"
PERSON_TRAITS = ("person",)  # fields that tell the sender from others


Said = tuple[int, int]  # when the sender signed it (unix seconds), and its place among the items of that body


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a report: content, when it came, when it was `said` if that is known, and the sealed personal data
    and raw payload."""

    fingerprint: str
    received_at: datetime
    content: Content
    sealed_personal: bytes
    sealed_raw: bytes
    said: Said | None = None


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an erasure: who, when and why. No content."""

    at: datetime
    role: str
    unit: str
    name: str
    reason: str


class ReportErased(Refused):
    """The report was erased: nothing more is taken under its number, and what came is not kept either."""


def report_id(channel: Channel, external_id: str) -> str:
    """The id under which a report is stored."""
    return f"{channel}:{external_id}"


class Report(Aggregate):
    """One report with all its versions, the newest last: in the order in which they were said, where that is known,
    else in which they came. All but one are revisions. `person` is a keyed hash that tells people apart, to be erased
    with the key."""

    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "reports", "indexes": ["receipt", KEY_INDEX]}
    noun = "report"

    id = StringField(primary_key=True)
    channel = StringField(required=True)
    external_id = StringField(required=True)
    receipt = StringField(required=True)
    received_at = DateTimeField(required=True)
    versions: list[Version] = struct_field(list[Version])
    key: WrappedKey | None = struct_field(WrappedKey)
    person = StringField()
    erased: Erased | None = struct_field(Erased)
    anonymised_at = DateTimeField()

    @classmethod
    def receive(
        cls,
        channel: Channel,
        order: WorkOrder,
        raw: bytes,
        *,
        receipt: str,
        vault: Vault,
        at: datetime,
        cause: str,
        said: Said | None = None,
    ) -> "Report":
        """A new report of the work order that arrived as `raw`, with `report_received` recorded."""
        about = report_id(channel, order.external_id)
        key, (personal, sealed_raw) = vault.seal(about, msgspec.json.encode(order.personal), raw)
        report = cls(
            id=about,
            channel=channel.value,
            external_id=order.external_id,
            receipt=receipt,
            received_at=at,
            versions=[_version(order, at, personal, sealed_raw, said)],
            key=key,
            person=vault.person_key(identity_of(order.personal)),
        )
        report._tell(at, cause)
        return report

    @property
    def latest(self) -> Version:
        """The newest version: what triage and the desk go by."""
        return self.versions[-1]

    @property
    def revision(self) -> int:
        """How often new content came under the same number."""
        return len(self.versions) - 1

    def erase(self, record: Erased) -> bool:
        """Destroy its key and empty every version; False where that is done. Number, receipt and times stay."""
        if self.erased is not None:
            return False
        self.erased = record
        self._forget_the_person()
        self.versions = [_emptied(version) for version in self.versions]
        return True

    def anonymise(self, clean: Callable[[str], str], at: datetime) -> bool:
        """Destroy its key, and leave of every version what `clean` makes of its words; False where that is done."""
        if self.key is None:
            return False
        self.anonymised_at = at
        self._forget_the_person()
        self.versions = [_emptied(version, _cleaned(version.content, clean)) for version in self.versions]
        return True

    def _forget_the_person(self) -> None:
        self.key = None
        for name in PERSON_TRAITS:
            setattr(self, name, None)

    def repeats(self, order: WorkOrder, raw: bytes, vault: Vault) -> bool:
        """Whether `raw` is the newest version once more, in every field, also those that no parser reads: then there is
        nothing to keep. What an older version said is news again. Once the key is gone nothing is known to be repeated.
        """
        if self.key is None:
            return False
        return _canonical(vault.open(self.id, self.key, self.latest.sealed_raw)) == _canonical(raw)

    def revise(
        self, order: WorkOrder, raw: bytes, *, vault: Vault, at: datetime, cause: str, said: Said | None = None
    ) -> bool:
        """Keep `order` as a revision, before what was said later; False where it repeats the newest version, or any and
        was not said after what is known: a push that was caught and is sent again, or whose answer was lost. Raises
        Refused where there are too many, or the report was erased."""
        if self.erased is not None:
            raise ReportErased(
                f"{self.external_id} was erased; further news under a new number",
                f"{self.external_id} 已依法删除，不再接收；如有新情况请以新编号报送",
            )
        if self.repeats(order, raw, vault) or self._was_said_before(raw, said, vault):
            return False
        if self.revision >= MOST_REVISIONS:
            raise Refused(
                f"{self.external_id} has been revised {MOST_REVISIONS} times; send further news under a new number",
                f"{self.external_id} 已修改{MOST_REVISIONS}次，请以新编号报送",
            )
        if self.key is None:
            raise Refused(
                f"{self.external_id} is anonymised, its retention is over; send further news under a new number",
                f"{self.external_id} 已过保存期限并匿名化，请以新编号报送",
            )
        personal, sealed_raw = vault.seal_more(self.id, self.key, msgspec.json.encode(order.personal), raw)
        self._insert(_version(order, at, personal, sealed_raw, said))
        self._tell(at, cause)
        return True

    def _insert(self, new: Version) -> None:
        """Put a version where it belongs: an older edition that was held up on its way does not become the newest. Of
        what was signed in the same second, what comes later was said later, wherever in its body it stood."""
        later = (n for n, one in enumerate(self.versions) if one.said and new.said and one.said[0] > new.said[0])
        place = next(later, len(self.versions))
        self.versions = [*self.versions[:place], new, *self.versions[place:]]

    def _was_said_before(self, raw: bytes, said: Said | None, vault: Vault) -> bool:
        known = [one.said for one in self.versions if one.said is not None]
        if self.key is None or said is None or not known or said > max(known):
            return False
        key, came = self.key, _canonical(raw)
        return any(_canonical(vault.open(self.id, key, one.sealed_raw)) == came for one in self.versions)

    def _tell(self, at: datetime, cause: str) -> None:
        event = ReportReceived(
            report_id=self.id,
            receipt=self.receipt,
            channel=Channel(self.channel),
            received_at=at,
            revision=self.revision,
        )
        self.record(event, at=at, cause=cause)


def _emptied(version: Version, content: Content | None = None) -> Version:
    """`version` with `content` alone, by default none. Its fingerprint goes too: who tries texts could find the old."""
    return Version(
        fingerprint="",
        received_at=version.received_at,
        content=content or Content(title=ERASED_TITLE, text="", declared_kind=version.content.declared_kind),
        sealed_personal=b"",
        sealed_raw=b"",
    )


def _cleaned(content: Content, clean: Callable[[str], str]) -> Content:
    """What stays of `content`: words and fields as `clean` leaves them, no point, no photo, no attachment."""
    return Content(
        title=clean(content.title),
        text=clean(content.text),
        declared_category=clean(content.declared_category),
        declared_kind=content.declared_kind,
        declared_urgency=content.declared_urgency,
        place_fields={field: clean(said) for field, said in content.place_fields.items()},
        occurred_at=content.occurred_at,
        reported_at=content.reported_at,
        difficult=content.difficult,
        facts={field: clean(said) for field, said in content.facts.items()},
        hidden_facts={},
    )


def _canonical(raw: bytes) -> bytes:
    """The JSON of `raw` without its order and spacing."""
    return msgspec.json.encode(msgspec.json.decode(raw), order="sorted")


def hiding(content: Content, personal: Mapping[str, str]) -> Content:
    """`content` that knows where it says what is sealed."""
    texts = {"title": content.title, "text": content.text, "address": content.address}
    return msgspec.structs.replace(
        content,
        hidden=hidden_in(texts, personal, content.address),
        hidden_facts=hidden_in(content.facts, personal, content.address),
    )


def _version(order: WorkOrder, at: datetime, personal: bytes, raw: bytes, said: Said | None) -> Version:
    return Version(
        fingerprint=order.content.fingerprint(),
        received_at=at,
        content=hiding(order.content, order.personal),
        sealed_personal=personal,
        sealed_raw=raw,
        said=said,
    )
