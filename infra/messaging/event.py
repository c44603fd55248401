"""Events: immutable facts with the attributes of a CloudEvent (specification 1.0), one aggregate's state in full.

An event class belongs to its producer's `contracts.py`. Its type is its name in snake case (`CaseFiled` →
`case_filed`), its exchange `<source>.events`. Attributes travel as AMQP headers `cloudEvents_<name>`, the body is JSON.
Readers tolerate new fields; a missing or mistyped field is an error (msgspec validates).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

E = TypeVar("E", bound="Event")
E_co = TypeVar("E_co", bound="Event", covariant=True)
HEADER_PREFIX = "cloudEvents_"
LONGEST_ID = 255  # bytes: an AMQP message id is a short string
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)  # from the first quotation mark to the last


class Undecodable(Exception):
    """A message is not an event that we know; the text says why and holds none of its content."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events.

    `source` is the service that publishes it, `unheard` marks one that nobody hears yet: it is published without
    `mandatory` (DESIGN.md, decision 4); for every other event "no queue bound" is an error.
    """

    source: ClassVar[str]
    schema_version: ClassVar[int] = 1
    unheard: ClassVar[bool] = False

    @classmethod
    def type(cls) -> str:
        """The routing key: the class name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is stored in an outbox and travels: CloudEvents attributes, and the body as JSON bytes.

    `subject` names the aggregate (`case/5301…`), `sequence` counts that aggregate's events from 1 without gaps,
    `cause` is the id of the event or request that led to this one, `id` is `<source>/<subject>#<sequence>`.
    """

    id: str
    type: str
    source: str
    time: datetime
    subject: str
    sequence: int
    cause: str
    dataversion: int
    mandatory: bool
    data: bytes

    def as_document(self) -> dict[str, Any]:
        """The envelope as it is stored in an outbox."""
        return {name: getattr(self, name) for name in self.__struct_fields__}

    @staticmethod
    def from_document(document: dict[str, Any]) -> "Envelope":
        """The envelope that `as_document` made."""
        return Envelope(**document)

    @staticmethod
    def from_message(headers: dict[str, Any], body: bytes) -> "Envelope":
        """The envelope of a received message. Raises Undecodable where an attribute is missing or of a wrong type."""
        ours = {key: value for key, value in headers.items() if isinstance(key, str) and key.startswith(HEADER_PREFIX)}
        attributes = {key.removeprefix(HEADER_PREFIX): value for key, value in ours.items()}
        try:
            envelope = msgspec.convert(attributes | {"mandatory": True, "data": body}, Envelope)
            (envelope.id + envelope.subject + envelope.cause).encode()  # half a surrogate pair is no text
            return envelope
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            raise Undecodable(f"attributes: {without_values(error)}") from error

    def headers(self) -> dict[str, Any]:
        """The attributes as AMQP headers."""
        return {
            f"{HEADER_PREFIX}specversion": "1.0",
            f"{HEADER_PREFIX}id": self.id,
            f"{HEADER_PREFIX}type": self.type,
            f"{HEADER_PREFIX}source": self.source,
            f"{HEADER_PREFIX}time": self.time.isoformat(),
            f"{HEADER_PREFIX}subject": self.subject,
            f"{HEADER_PREFIX}sequence": self.sequence,
            f"{HEADER_PREFIX}cause": self.cause,
            f"{HEADER_PREFIX}dataversion": self.dataversion,
        }


ATTRIBUTES = frozenset(
    HEADER_PREFIX + name for name in ("specversion", *Envelope.__struct_fields__) if name not in ("mandatory", "data")
)


class Received(msgspec.Struct, Generic[E_co], frozen=True):
    """What a handler gets: the decoded event and the attributes it came with."""

    event: E_co
    envelope: Envelope


def seal(event: Event, *, subject: str, sequence: int, at: datetime, cause: str) -> Envelope:
    """`event` made ready for an outbox. Pure: the same arguments give the same envelope, id included.

    Raises ValueError where the id is longer than AMQP can carry.
    """
    id = f"{event.source}/{subject}#{sequence}"
    if len(id.encode()) > LONGEST_ID:
        raise ValueError(f"the id of an event is at most {LONGEST_ID} bytes long: {id}")
    return Envelope(
        id=id,
        type=event.type(),
        source=event.source,
        time=at,
        subject=subject,
        sequence=sequence,
        cause=cause,
        dataversion=event.schema_version,
        mandatory=not event.unheard,
        data=msgspec.json.encode(event),
    )


def without_values(error: Exception) -> str:
    """The text of a decoder's error without the values that it quotes."""
    return _QUOTED.sub("'…'", str(error))


def unseal(envelope: Envelope, kinds: Mapping[str, type[E]]) -> Received[E]:
    """The event inside, one of `kinds` (type → class), with its attributes.

    Raises Undecodable where its type or version is unknown, a field is missing or of a wrong type.
    """
    kind = kinds.get(envelope.type)
    if kind is None:
        raise Undecodable("its type is not heard here")
    if envelope.dataversion != kind.schema_version:
        raise Undecodable(f"{envelope.type} version {envelope.dataversion} is not known here")
    try:
        return Received(event=msgspec.json.decode(envelope.data, type=kind), envelope=envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(f"{envelope.type}: {without_values(error)}") from error
