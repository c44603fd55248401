"""What inspectors, patrols, assessors, leaders and superiors send is read in each one's own words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.problem import InvalidInput, NotFound, Unauthenticated
from infra.signature import signed_headers
from services.complaints import channels
from services.complaints.channel_limits import Turnstile, read_limits
from services.complaints.channels import channel_named, inspection, known_channels
from services.complaints.intake import understand
from services.complaints.photos import Photo
from services.complaints.pushes import Pushes
from services.complaints.work_order import Content, WorkOrder

ON_SITE = ["assessor", "inspection", "leader_instruction", "patrol", "superior_inspection"]
HASH = "3f" * 32
AT = 1_772_411_400

NEWSPAPER = '''
"""报纸: what the city's newspaper exposed."""
from services.complaints.authentication import HmacSignature
from services.complaints.contracts import Channel
from services.complaints.field_reading import identifier, required_text
from services.complaints.work_order import Content, WorkOrder

CHANNEL = Channel.NEWSPAPER
AUTHENTICATION = HmacSignature(timestamp_header="X-Paper-Time", signature_header="X-Paper-Sign")
SAMPLE = {"稿件号": "B2-17", "正文": "路灯不亮"}


def parse(item):
    said = required_text(item, "正文")
    return WorkOrder(external_id=identifier(item, "稿件号"), content=Content(title=said[:10], text=said))
'''


def test_what_an_inspection_found_is_read_field_by_field() -> None:
    assert inspection.parse(inspection.SAMPLE) == WorkOrder(
        external_id="DC3-20260302-07",
        content=Content(
            title="占道经营 圆通农贸市场",
            text="圆通农贸市场东门两侧流动摊贩占道经营，人行道无法通行。",
            declared_category="占道经营",
            declared_kind="投诉",
            place_fields={
                "详细地址": "五华区华山街道圆通街圆通农贸市场东门",
                "点位": "圆通农贸市场",
                "所属街道": "华山街道",
                "所属区县": "五华区",
            },
            point=(102.7098, 25.0504),
            occurred_at=datetime(2026, 3, 2, 2, 20, tzinfo=UTC),
            deadlines={"整改期限": datetime(2026, 3, 5, 15, 59, 59, 999000, tzinfo=UTC)},
            photos=[Photo("https://dc.example.org/p/DC3-20260302-07-1.jpg", HASH)],
            facts={
                "督查组": "第三督查组",
                "督查批次": "2026年第一季度第二次",
                "点位类型": "农贸市场",
                "整改要求": "清理占道摊点并安排专人值守",
            },
        ),
        personal={"督查人员": "王某"},
    )


@pytest.mark.parametrize("name", ON_SITE)
def test_every_sample_is_to_be_put_right_and_says_where(name: str) -> None:
    known = channel_named(name)

    content = known.parse(known.sample).content

    assert (content.declared_kind, known.channel.value) == ("投诉", name)
    assert content.place_fields
    assert content.title
    assert content.occurred_at is not None


@pytest.mark.parametrize(
    ("name", "difficult"), [("leader_instruction", True), ("superior_inspection", True), ("inspection", False)]
)
def test_a_channel_says_what_is_key_and_difficult(name: str, difficult: bool) -> None:
    known = channel_named(name)

    assert known.parse(known.sample).content.difficult is difficult


@pytest.mark.parametrize("name", ON_SITE)
def test_number_and_text_are_enough(name: str) -> None:
    known = channel_named(name)
    number, said = next(iter(known.sample)), known.parse(known.sample).content.text
    needed = {field: value for field, value in known.sample.items() if field == number or value == said}

    assert len(needed) == 2
    assert known.parse(needed).content == Content(title=said[:30], text=said, declared_kind="投诉")


@pytest.mark.parametrize("name", ON_SITE)
def test_a_missing_number_or_text_is_named(name: str) -> None:
    known = channel_named(name)
    number = next(iter(known.sample))

    with pytest.raises(InvalidInput) as refusal:
        known.parse(known.sample | {number: None})
    assert refusal.value.field == number


def test_a_deadline_in_words_is_kept_as_it_was_said() -> None:
    content = inspection.parse(inspection.SAMPLE | {"整改期限": "三个工作日内"}).content

    assert (content.deadlines, content.facts["整改期限"]) == ({}, "三个工作日内")


@pytest.mark.parametrize(
    "photo",
    [
        {"链接": "https://a.example.org/1.jpg"},
        {"链接": "https://a.example.org/1.jpg", "哈希": "3f"},
        {"链接": "https://a.example.org/1.jpg", "哈希": "g" * 64},
        {"链接": "data:image/png;base64,iVBORw0KGgo=", "哈希": HASH},
        {"链接": "ftp://a.example.org/1.jpg", "哈希": HASH},
        {"链接": "https://user:pw@a.example.org/1.jpg", "哈希": HASH},
        {"链接": "https://a b/1.jpg", "哈希": HASH},
        {"链接": "https://" + "a" * 600, "哈希": HASH},
        {"编号": "一 二", "哈希": HASH},
        {"编号": 7, "哈希": HASH},
        {"哈希": HASH},
        "https://a.example.org/1.jpg",
        b"\xff\xd8",
        None,
    ],
)
def test_a_photo_that_is_no_reference_with_a_hash_is_refused(photo: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        inspection.parse(inspection.SAMPLE | {"照片": [photo]})

    assert refusal.value.field == "照片"


@pytest.mark.parametrize("value", ["照片", {"链接": "x"}, 7, [{"编号": "1", "哈希": HASH}] * 51])
def test_what_is_no_list_of_up_to_fifty_photos_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        inspection.parse(inspection.SAMPLE | {"照片": value})


def test_a_photo_may_be_named_by_the_senders_own_id_and_its_hash_in_capitals() -> None:
    content = inspection.parse(inspection.SAMPLE | {"照片": [{"编号": "DC/3-1.jpg", "哈希": HASH.upper()}]}).content

    assert content.photos == [Photo("DC/3-1.jpg", HASH)]


def test_a_channel_is_added_by_one_module_and_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        channel_named("newspaper")
    (tmp_path / "newspaper.py").write_text(NEWSPAPER)
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path)])
    known_channels.cache_clear()
    try:
        paper = channel_named("newspaper")
        raw = msgspec.json.encode(paper.sample)
        pushes = Pushes(None, Turnstile(read_limits()), lambda: {"newspaper": "s", "weibo": "w"}, wall=lambda: AT)  # type: ignore[arg-type]
        own, other = (
            dict(zip(("X-Paper-Time", "X-Paper-Sign"), signed_headers(secret, AT, raw).values(), strict=True))
            for secret in (b"s", b"w")
        )
        pushes.authenticate(paper, own, raw)
        assert understand(paper, raw).external_id == "B2-17"
        for headers, field in ((other, "X-Paper-Sign"), (signed_headers(b"s", AT, raw), "X-Paper-Time")):
            with pytest.raises(Unauthenticated) as refusal:
                pushes.authenticate(paper, headers, raw)
            assert refusal.value.field == field
    finally:
        known_channels.cache_clear()
