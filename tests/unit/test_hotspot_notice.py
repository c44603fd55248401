"""What a district and the headquarters' office are told of a place and matter that grow unusually."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from infra.messaging.event import Received, seal
from infra.organisation.registry import Registry
from services.complaints.contracts import HotspotDetected
from services.notify.hotspot_notice import grown
from services.notify.letterhead import Letterhead
from services.notify.rendering import Renderer

WUHUA, HUASHAN, OFFICE = "5301/530102", "5301/530102/530102001", "5301/~office"
MARCH_2 = datetime(2026, 3, 2, 1, tzinfo=UTC)
REGISTRY = Registry.load("5301")
GROWN = HotspotDetected(
    category="sanitation.garbage",
    place_path=HUASHAN,
    reports=12,
    usual=1.5,
    since=datetime(2026, 2, 27, 16, tzinfo=UTC),
    category_name="垃圾清运",
)


def told(sequence: int = 1, **changes: Any) -> Received[Any]:
    event = msgspec.structs.replace(GROWN, **changes)
    subject = f"hotspot/{event.category}|{event.place_path}"
    return Received(event, seal(event, subject=subject, sequence=sequence, at=MARCH_2, cause="test"))


def test_the_district_of_the_place_and_the_headquarters_office_read_what_grows_where() -> None:
    district, office = grown(told(), REGISTRY)

    assert (district.unit, office.unit) == (WUHUA, OFFICE)
    assert (district.facts, district.words) == (office.facts, office.words)
    assert district.about == "垃圾清运（五华区华山街道）"
    head = Letterhead.of(REGISTRY).office
    assert Renderer(REGISTRY).notice(district, head, "昆创文热〔2026〕1号", MARCH_2).text == (
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "昆创文热〔2026〕1号\n"
        "\n"
        "热点问题提示\n"
        "\n"
        "五华区：\n"
        "\n"
        "下列问题近期反映集中，明显多于平常，请及时研判成因，组织排查处置。\n"
        "\n"
        "问题类别：垃圾清运\n"
        "发生地点：五华区华山街道\n"
        "统计起点：2026年2月28日 00:00（北京时间）\n"
        "来件数量：12件\n"
        "平常数量：同样时长约1.5件\n"
        "\n"
        "请举一反三，从源头治理，防止同类问题持续发生。\n"
        "\n"
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "2026年3月2日\n"
    )


def test_every_episode_is_told_once_to_each() -> None:
    ids = [draft.id for one in (told(1), told(2), told(1)) for draft in grown(one, REGISTRY)]

    assert ids == [
        f"hotspot-sanitation.garbage|{HUASHAN}-{episode}-{unit}" for episode in (1, 2, 1) for unit in (WUHUA, OFFICE)
    ]


def test_where_the_place_is_not_known_beyond_the_city_the_office_alone_is_told() -> None:
    (only,) = grown(told(place_path="5301"), REGISTRY)

    assert (only.unit, only.about) == (OFFICE, "垃圾清运（昆明市）")


def test_a_zone_is_told_of_what_grows_in_it() -> None:
    assert [draft.unit for draft in grown(told(place_path="5301/530102401"), REGISTRY)] == ["5301/530102401", OFFICE]


def test_an_event_of_before_categories_had_names_tells_the_code() -> None:
    assert grown(told(category_name=""), REGISTRY)[0].facts[0] == ("问题类别", "sanitation.garbage")
