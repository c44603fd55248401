"""A report is placed by its fields first and its words second, and says by which."""

import pytest

from infra.organisation.registry import Registry
from services.complaints.triage.place import place_of

KUNMING = Registry.load()
WUHUA, HUASHAN, CUIHU = "5301/530102", "5301/530102/530102001", "5301/530102/530102001/530102001001"


def place(text: str, title: str = "", **fields: str) -> str:
    return place_of(KUNMING, title, text, fields)[0]


def test_a_grid_cell_names_its_community() -> None:
    assert place("", 单元网格="53010200100105") == CUIHU


def test_an_address_names_its_street() -> None:
    assert place("", 事发地址="五华区华山街道翠湖南路") == HUASHAN


def test_the_text_makes_an_address_more_exact() -> None:
    path, reason = place_of(KUNMING, "垃圾", "翠湖西路社区门口", {"事发地址": "五华区"})

    assert path == CUIHU
    assert reason.text_zh == "依据事发地址：五华区、标题与正文：翠湖西路社区定位到五华区华山街道翠湖西路社区"
    assert reason.evidence == ["事发地址：五华区", "标题与正文：翠湖西路社区"]


def test_the_text_never_contradicts_the_address() -> None:
    assert place("盘龙区的垃圾倒到我们这里", 事发地址="五华区") == WUHUA


def test_the_district_named_most_often_wins_and_of_equals_the_first() -> None:
    assert place("从官渡区搬到西山区，西山区更脏") == "5301/530112"
    assert place("官渡区和西山区交界") == "5301/530111"


def test_a_district_named_outright_wins_over_a_community_of_another() -> None:
    assert place("锦兴苑社区，在盘龙区") == "5301/530103"


def test_a_bureau_of_a_district_speaks_for_the_district() -> None:
    assert place("五华区城市管理局不管") == WUHUA


def test_a_zone_without_streets_leads_straight_to_its_community() -> None:
    assert place("", 事发地址="昆明高新区科澳社区") == "5301/530102401/530102401007"


def test_a_name_that_several_places_bear_is_told_and_not_guessed() -> None:
    path, reason = place_of(KUNMING, "和平社区很脏", "", {})

    assert path == "5301"
    assert reason.text_zh == "来件未写明县(市)区，暂记昆明市（“和平社区”有3处同名，未采用）"
    assert reason.evidence == ["“和平社区”有3处同名"]


@pytest.mark.parametrize("text", ["", "路灯坏了", "市公安局", "不得安宁"])
def test_without_any_place_it_is_the_city(text: str) -> None:
    assert place(text) == "5301"


@pytest.mark.parametrize("code", ["12345678", "990102001", "5301"])
def test_a_number_that_is_no_code_of_the_city_says_nothing(code: str) -> None:
    assert place("", 单元网格=code) == "5301"
