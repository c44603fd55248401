"""The running service tells a hotline over the wire, also over TLS, and the operator sees and repeats what was told."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from cli.callbacks import callbacks
from tests.integration.certificates import Certificate, self_signed
from tests.integration.complaints_running import DESK, Complaints, complaints_running, order
from tests.integration.hotline_receiver import HotlineReceiver
from tests.integration.one_service import wait_until

SECRET = "of the callbacks"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def hotline(certificate: Certificate) -> Iterator[HotlineReceiver]:
    with HotlineReceiver(certificate) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HotlineReceiver]:
    """A hotline whose certificate nobody knows."""
    with HotlineReceiver(self_signed(tmp_path_factory.mktemp("other tls"))) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def complaints(
    servers: None,
    certificate: Certificate,
    hotline: HotlineReceiver,
    stranger: HotlineReceiver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Complaints]:
    """One running service for this module that calls both hotlines back."""
    urls = f'{{"hotline_12345": "{hotline.url}", "hotline_12319": "{stranger.url}"}}'
    variables = {"WENMING_CALLBACK_URLS": urls, "SSL_CERT_FILE": str(certificate.file)}
    secrets = {f"{name}_callback": SECRET for name in ("hotline_12345", "hotline_12319")}
    with complaints_running(tmp_path_factory.mktemp("complaints"), variables, secrets) as running:
        yield running


def test_an_enquiry_is_told_twice_accepted_and_answered_with_its_reply(
    complaints: Complaints, hotline: HotlineReceiver
) -> None:
    told = complaints.push(order("B1", 诉求类型="咨询", 来电人="欧阳独秀", 号码="13912345678")).json()
    case = complaints.case_in("B1", "received")

    complaints.call("answer_case", case["_id"], case["sequence"], DESK, "翠湖公园全年免费开放。", "c/1")

    wait_until(lambda: len(hotline.calls) >= 2, "both callbacks have come")
    accepted, answered = hotline.calls
    for call in (accepted, answered):
        call.check(SECRET)
        assert (call.said["receipt"], call.said["query_code"]) == (told["receipt"], told["query_code"])
        assert b"13912345678" not in call.body
        assert "欧阳独秀" not in call.body.decode()
    assert [(call.said["news"], call.said["reply"]) for call in (accepted, answered)] == [
        ("accepted", None),
        ("answered", "翠湖公园全年免费开放。"),
    ]
    asked = complaints.ask("B1").json()
    assert (asked["query_code"], asked["reply"]) == (told["query_code"], "翠湖公园全年免费开放。")


def test_who_cannot_show_a_certificate_that_is_known_is_told_nothing(
    complaints: Complaints, stranger: HotlineReceiver
) -> None:
    item = {"案卷号": "AJ1", "问题类型": "事件", "问题描述": "五华区华山街道翠湖南路路边乱堆物料。"}
    receipt = complaints.push(item, "hotline_12319").json()["receipt"]

    def reason() -> str:
        line = complaints.db.callback_lines.find_one({"receipt": receipt}) or {"callbacks": [{"reason": ""}]}
        return str(line["callbacks"][0]["reason"])

    wait_until(lambda: reason() == "ConnectError", "it was tried")
    assert stranger.calls == []


def test_the_operator_lists_shows_and_sends_again(complaints: Complaints, hotline: HotlineReceiver) -> None:
    hotline.answers = [(410, {}, b"")]
    before = len(hotline.calls)
    receipt = complaints.push(order("B2", 诉求类型="咨询")).json()["receipt"]
    town = SimpleNamespace(instance=SimpleNamespace(amqp_url=complaints.settings.amqp_url))

    def run(*words: str) -> str:
        result = CliRunner().invoke(callbacks, list(words), obj=town)
        assert result.exit_code == 0, result.output
        return result.output

    wait_until(lambda: receipt in run("list"), "it has failed")
    assert "accepted" in run("show", receipt)
    assert "failed  tries: 1  HTTP 410" in run("show", receipt)
    assert run("resend", run("show", receipt).split()[0]) == "due again: 1\n"
    wait_until(lambda: "sent  tries: 2" in run("show", receipt), "it was taken")
    assert run("list") == "no callback is failed\n"
    assert len(hotline.calls) == before + 2
