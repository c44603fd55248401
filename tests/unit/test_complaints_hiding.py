"""Views show nothing of what a report sealed, without opening anything."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.case_views import view_of
from services.complaints.contracts import Channel
from services.complaints.hiding import hidden_in, hide
from services.complaints.report import Report
from services.complaints.work_order import Content, WorkOrder
from tests.unit.case_samples import AT, VAULT, case, hears_revision, raw

PERSONAL = {
    "来电人": "欧阳标",
    "号码": "13912345670",
    "来电人地址": "翠湖花园3栋2单元501",
    "性别": "女",
    "微信": "ouyang_b",
}
HOME = PERSONAL["来电人地址"]


def seen(text: str, personal: dict[str, str] = PERSONAL, address: str = "翠湖南路") -> str:
    """What a view shows of `text`."""
    return hide(text, hidden_in({"text": text}, personal, address).get("text", []))


def test_what_is_sealed_is_hidden_and_the_rest_stays() -> None:
    said = f"我是欧阳标（微信ouyang_b），住{HOME}，电话13912345670，欧阳标敬上。女厕所门前井盖没了。"

    assert seen(said) == "我是某某（微信〔号码〕），住〔住址〕，电话139****5670，某某敬上。女厕所门前井盖没了。"


def test_a_home_that_is_where_the_matter_is_stays() -> None:
    assert seen(f"欧阳标家{HOME}漏水", address=f"五华区{HOME}") == f"某某家{HOME}漏水"


def test_a_number_between_other_digits_is_hidden_too() -> None:
    assert seen("单号6500139123456701") == "单号6500139****56701"


def test_of_words_inside_each_other_the_longest_is_hidden() -> None:
    assert seen("欧阳标记", {"来电人": "欧阳", "联系人": "欧阳标"}) == "某某记"


def test_nothing_is_kept_where_nothing_is_said() -> None:
    assert hidden_in({"title": "井盖", "text": "缺失"}, PERSONAL, "") == {}


@given(
    st.text("欧阳标记139甲", max_size=30), st.sampled_from(["来电人", "号码", "微信"]), st.text("欧阳1路", max_size=30)
)
def test_no_sealed_word_is_shown_whatever_stands_around_it(before: str, field: str, after: str) -> None:
    assert PERSONAL[field] not in seen(f"{before}{PERSONAL[field]}{after}")


@given(st.text(max_size=40), st.dictionaries(st.sampled_from([*PERSONAL]), st.text(max_size=5), max_size=4))
def test_no_text_breaks_it(text: str, personal: dict[str, str]) -> None:
    assert isinstance(seen(text, personal, text), str)


def opened_with(text: str) -> Report:
    """A report that says `text`."""
    content = Content(
        title=f"{PERSONAL['来电人']}反映", text=text, place_fields={"事发地址": f"翠湖南路，找{PERSONAL['来电人']}"}
    )
    order = WorkOrder(external_id="GD1", content=content, personal=PERSONAL)
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt="HZ-1", vault=VAULT, at=AT, cause="intake/1"
    )


def test_the_view_of_a_case_hides_what_its_report_sealed_also_after_it_was_stored() -> None:
    one = case()
    report = opened_with("欧阳标家门前井盖没了")
    report.versions = [*report.versions, msgspec.structs.replace(report.versions[0])]
    hears_revision(one, report)

    view = view_of(type(one)._from_son(one.to_mongo()))

    assert (view.title, view.text, view.address) == ("某某反映", "某某家门前井盖没了", "翠湖南路，找某某")
    assert "欧阳标" not in repr(one.to_mongo()["hidden"])


def test_a_case_that_is_anonymised_hides_nothing_at_the_wrong_places() -> None:
    report = opened_with("欧阳标家门前井盖没了，请速来")
    assert report.latest.content.hidden["text"] == [(0, 3, "某某")]

    report.anonymise(lambda text: text.replace("欧阳标", "某"), AT)

    assert (report.latest.content.text, report.latest.content.hidden) == ("某家门前井盖没了，请速来", {})
