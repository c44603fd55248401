"""Which event of a case is news to a hotline, and under which id it is told."""

import re

import pytest

from infra.problem import NotFound
from infra.settings import SettingMissing
from services.complaints import contracts
from services.complaints.callbacks.address import addresses
from services.complaints.callbacks.news import NEWS_ZH, news_of
from services.complaints.callbacks.telling import callback_id
from services.complaints.contracts import CallbackNews, CaseRevised
from tests.unit.case_samples import case


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("派遣", CallbackNews.DISPATCHED),
        ("派遣、处置", CallbackNews.DISPATCHED),
        ("重新派遣", CallbackNews.DISPATCHED),
        ("催办", CallbackNews.ACCEPTED),
        ("一次性告知", CallbackNews.FACTS_ASKED),
        ("处置", None),
        ("核查", None),
        ("更正类别", None),
        ("来件有修改", None),
        ("并入", None),
    ],
)
def test_a_revision_is_news_by_what_it_says(what: str, told: CallbackNews | None) -> None:
    assert news_of(CaseRevised(case=case().state(), what=what)) == told


def test_every_end_and_new_beginning_is_news() -> None:
    state = case().state()
    events = [
        (contracts.CaseReceived(case=state), "accepted"),
        (contracts.CaseFiled(case=state), "accepted"),
        (contracts.CaseAnswered(case=state), "answered"),
        (contracts.CaseVoided(case=state, reason="重复"), "voided"),
        (contracts.CaseClosed(case=state, condition="完好"), "closed"),
        (contracts.CaseMerged(case=state, into="c2"), "merged"),
        (contracts.CaseReopened(case=state, reason="未解决"), "reopened"),
        (contracts.CaseReworkRequested(case=state, reason="不合格"), None),
    ]

    assert [news_of(event) for event, _ in events] == [told for _, told in events]


def test_all_news_have_words_for_people() -> None:
    assert set(NEWS_ZH) == set(CallbackNews)


def test_a_report_is_accepted_once_whatever_becomes_of_its_case_and_all_else_once_per_version() -> None:
    accepted = {callback_id("r", CallbackNews.ACCEPTED, case_id, n) for case_id in ("c1", "c2") for n in (1, 2)}
    dispatched = {callback_id("r", CallbackNews.DISPATCHED, case_id, n) for case_id in ("c1", "c2") for n in (1, 2)}

    assert (len(accepted), len(dispatched)) == (1, 4)


def test_an_id_fits_a_header_whatever_the_number_of_the_work_order() -> None:
    assert re.fullmatch(r"CB-[0-9a-f]{24}", callback_id("hotline_12345:工单〔1〕号", CallbackNews.CLOSED, "c", 3))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hotline.example.org/x",
        "https://user:secret@hotline.example.org/",
        "https://",
        "hotline.example.org",
        "https://hotline.example.org/#part",
    ],
)
def test_an_address_that_is_no_plain_url_stops_the_start_without_being_quoted(url: str) -> None:
    with pytest.raises(SettingMissing) as refusal:
        addresses({"hotline_12345": url}, lambda name: "a secret")

    assert "example.org" not in str(refusal.value)


def test_neither_an_unknown_channel_nor_one_without_a_secret_can_be_called() -> None:
    with pytest.raises(NotFound):
        addresses({"hotline_99999": "https://hotline.example.org"}, lambda name: "a secret")
    with pytest.raises(SettingMissing, match="hotline_12345_callback"):
        addresses({"hotline_12345": "https://hotline.example.org"}, {"hotline_12345": "of the pushes"}.get)
