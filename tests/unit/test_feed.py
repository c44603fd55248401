"""A feed file becomes what the hotlines push; masked places become places of Kunming."""

import json
from collections import Counter
from pathlib import Path

import pytest

from cli import feed
from cli.masked_places import MaskedPlace, MaskedPlaces
from infra.organisation.registry import Registry
from infra.problem import InvalidInput

KUNMING = Registry.load()
PLACES = MaskedPlaces.load()


@pytest.mark.parametrize(
    ("masked", "written"),
    [
        ("A市A3区联丰路", "昆明市盘龙区联丰路"),
        ("西地省A市", "云南省昆明市"),
        ("A8县市的老人", "宜良县的老人"),
        ("A8县的老人", "宜良县的老人"),
        ("A7县县委", "嵩明县县委"),
        ("A区", "昆明市区"),
        ("C5市和C2区", "东川区和东川区"),
        ("K11县", "阳宗海风景区"),
        ("10KVA4区", "10KVA4区"),
        ("没有掩码", "没有掩码"),
        ("", ""),
    ],
)
def test_masks_are_rewritten(masked: str, written: str) -> None:
    assert PLACES.rewrite(masked) == written


def test_every_mapped_unit_exists_and_every_row_has_its_reason() -> None:
    for place in PLACES.places:
        assert place.reason
        assert not place.unit_path or KUNMING.unit(place.unit_path).name.startswith(("昆明", place.written_as[:2]))


def messages(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["message_id,user_id,title,sent_at,body,downvotes,upvotes", *rows]) + "\n", "utf-8")
    return path


def test_a_message_becomes_a_work_order_of_12345(tmp_path: Path) -> None:
    path = messages(tmp_path / "messages.csv", "188006,A0001,A3区路灯,2019-02-28T11:25:05+08:00, A市A3区路灯坏了 ,0,0")

    assert list(feed.items(path, KUNMING)) == [
        feed.Item(
            "hotline_12345",
            {
                "工单编号": "188006",
                "标题": "盘龙区路灯",
                "诉求内容": "昆明市盘龙区路灯坏了",
                "诉求渠道": "网站",
                "紧急程度": "一般",
                "事发时间": "2019-02-28 11:25:05",
            },
        )
    ]


def test_a_message_without_time_has_none(tmp_path: Path) -> None:
    path = messages(tmp_path / "messages.csv", "1,A0001,路灯,,坏了,0,0")

    assert "事发时间" not in next(feed.items(path, KUNMING)).payload


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("message_id,title\n1,a\n", "utf-8")

    with pytest.raises(InvalidInput) as refusal:
        list(feed.items(path, KUNMING))
    assert refusal.value.field == "body"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no feed at"):
        list(feed.items(tmp_path / "none.jsonl", KUNMING))


@pytest.mark.parametrize("line", ["no json", "[]", "{}", '{"channel": "x"}', '{"channel": "x", "payload": 3}'])
def test_a_line_that_is_no_item_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text('{"channel": "x", "payload": {}}\n\n' + line + "\n", "utf-8")

    with pytest.raises(InvalidInput) as refusal:
        list(feed.items(path, KUNMING))
    assert refusal.value.field == "line 3"


def test_a_mapping_to_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    path = messages(tmp_path / "messages.csv")
    places = MaskedPlaces([MaskedPlace("A市", "别处", "5301/539999", "测试")])

    with pytest.raises(InvalidInput) as refusal:
        list(feed.items(path, KUNMING, places))
    assert refusal.value.field == "A市"


DEFAULT = list(feed.items(feed.DEFAULT, KUNMING))


def test_the_default_feed_comes_from_both_hotlines() -> None:
    assert Counter(item.channel for item in DEFAULT) == {"hotline_12345": 110, "hotline_12319": 14}


def test_it_has_all_kinds_of_request() -> None:
    kinds = {item.payload.get("诉求类型") for item in DEFAULT if item.channel == "hotline_12345"}

    assert kinds == {"投诉", "举报", "求助", "咨询", "建议", "表扬"}


def test_it_has_one_sent_again_one_revised_and_one_without_text() -> None:
    by_id: dict[str | None, list[str]] = {}
    for item in DEFAULT:
        by_id.setdefault(item.external_id, []).append(json.dumps(item.payload, ensure_ascii=False))
    repeated = [contents for contents in by_id.values() if len(contents) > 1]

    assert sorted(len(set(contents)) for contents in repeated) == [1, 2]
    assert [i.external_id for i in DEFAULT if i.payload.get("诉求内容", "") is None] == ["GD20260302000301"]


def test_its_callers_are_invented() -> None:
    numbers = {item.payload["号码"] for item in DEFAULT if "号码" in item.payload}

    assert all(number.startswith("1380000") and len(number) == 11 for number in numbers)
