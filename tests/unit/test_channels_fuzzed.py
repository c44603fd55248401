"""Whatever bytes a channel sends, its parser answers with a work order that can be stored, or says what is wrong."""

from datetime import UTC, datetime
from typing import Any

import bson
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from infra.problem import InvalidInput
from services.complaints.channels import KnownChannel, known_channels
from services.complaints.intake import understand
from services.complaints.privacy import Vault
from services.complaints.report import Report
from services.complaints.work_order import WorkOrder

CHANNELS = sorted(known_channels())
FIELDS = sorted(
    {field for known in known_channels().values() for field in known.sample} | {"坐标", "附件", "照片", "", "$x.y"}
)
VAULT = Vault("of the tests")
AT = datetime(2026, 3, 2, tzinfo=UTC)

odd_tokens = st.sampled_from(
    [
        *("NaN", "Infinity", "-0", "1e999", "-1e-999", "1" + "0" * 400, "0.1e+308", "01", "9007199254740993", "-"),
        *('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\uffff"', '"\ufeff"', '"\\x"', '"\n"', '"', "'a'"),
        *("[" * 3000, '{"a":' * 3000, "[[[[]]]]", '{"":{"":{}}}', "[1,]", "{,}", "nul", "true false"),
        *(
            '"2026-02-30"',
            '"9999-12-31T23:59:59-14:00"',
            '"0001-01-01"',
            '"2026-W10-1"',
            '"1,2,3"',
            '"181,0"',
            "[1e400,2]",
        ),
        *(
            '"' + "长" * 21_000 + '"',
            '"13800000000"',
            '{"lng":{},"lat":[]}',
            '[{"链接":"data:,x","哈希":"' + "a" * 64 + '"}]',
        ),
    ]
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
values = odd_tokens | plain.map(lambda value: msgspec.json.encode(value).decode("utf-8", "replace"))
pairs = st.lists(st.tuples(st.sampled_from(FIELDS) | st.text(max_size=8), values), max_size=6)


def as_json(known: dict[str, Any], changes: list[tuple[str, str]]) -> bytes:
    """The object with `changes`, given as JSON text, behind its own members: some names stand there twice."""
    members = [(name, msgspec.json.encode(value).decode()) for name, value in known.items()] + changes
    written = (f"{msgspec.json.encode(name).decode()}:{value}" for name, value in members)
    return ("{" + ",".join(written) + "}").encode("utf-8", "surrogatepass")


def answered(channel: str, raw: bytes) -> None:
    """Either it can be stored as a report is, or it is refused in words for people; no parser fails by itself."""
    known = known_channels()[channel]
    try:
        order = understand(known, raw)
    except InvalidInput as error:
        refusal = error.as_json()
    else:
        assert_storable(known, order, raw)
        return
    assert refusal["detail_zh"]
    assert refusal["detail"] != "the item cannot be read here", "the parser failed by itself"
    msgspec.json.encode(refusal)


def assert_storable(known: KnownChannel, order: WorkOrder, raw: bytes) -> None:
    """A report of it is a valid document, and knows what repeats it."""
    report = Report.receive(known.channel, order, raw, receipt="HZ-1", vault=VAULT, at=AT, cause="x")
    report.validate()
    bson.encode(report.to_mongo())
    assert report.repeats(order, raw, VAULT)


@pytest.mark.parametrize("channel", CHANNELS)
@given(changes=pairs)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_object_of_odd_members_is_stored_or_refused(channel: str, changes: list[tuple[str, str]]) -> None:
    answered(channel, as_json(known_channels()[channel].sample, changes))


@pytest.mark.parametrize("channel", CHANNELS)
@given(raw=st.binary(max_size=80) | values.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(raw=b"")
@example(raw=b"\xef\xbb\xbf{}")
@example(raw=b"{}" * 70_000)
@example(raw="{}".encode("utf-16"))
@settings(max_examples=40, deadline=None)
def test_bytes_of_any_kind_are_refused(channel: str, raw: bytes) -> None:
    answered(channel, raw)


@pytest.mark.parametrize("channel", CHANNELS)
@given(at=st.integers(0, 2000), of=st.binary(max_size=3), length=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_a_sample_with_broken_bytes_is_stored_or_refused(channel: str, at: int, of: bytes, length: int) -> None:
    raw = msgspec.json.encode(known_channels()[channel].sample)
    at %= len(raw)

    answered(channel, raw[:at] + of + raw[at + length :])


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_field_refuses_or_bears_every_kind_of_value(channel: str) -> None:
    sample = known_channels()[channel].sample
    kinds: list[Any] = [
        None,
        True,
        0,
        -1.5,
        10**30,
        "",
        " ",
        "x" * 600,
        [],
        [[]],
        {},
        {"a": {"b": []}},
        [None],
        [{}],
        "2026",
    ]

    for field in [*sample, "坐标", "附件", "照片"]:
        for value in kinds:
            answered(channel, msgspec.json.encode(sample | {field: value}))
