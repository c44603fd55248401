"""A hotline publishes to the broker, with the client that its integrators copy, or hands over a file."""

import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from cli.import_table import SECRET as SECRET_VARIABLE
from cli.import_table import import_
from infra.hotline_client.client import HotlineClient, NoSuchChannel, NotAuthentic, Receipt, Rejected, Unreachable
from infra.messaging import broker, dead_letters
from infra.problem import Unauthenticated
from services.complaints.contracts import Channel
from tests.integration.complaints_running import SECRETS, Complaints, complaints_running, order
from tests.integration.one_service import wait_until
from tests.messaging.conftest import Wire

QUEUE = "complaints.intake.hotline_12345"
SECRET = SECRETS["hotline_12345"]


@pytest.fixture(scope="module")
def complaints(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Complaints]:
    """One running service for this module."""
    with complaints_running(tmp_path_factory.mktemp("complaints")) as running:
        yield running


@pytest.fixture
def way(complaints: Complaints) -> Iterator[Wire]:
    """A way to the broker that can be cut."""
    wire = Wire(complaints.settings.amqp_url)
    yield wire
    wire.close()


def client(complaints: Complaints, secret: str = SECRET, *, url: str = "", patience: float = 60.0) -> HotlineClient:
    return HotlineClient(url or complaints.settings.amqp_url, "hotline_12345", secret, batch=3, patience=patience)


def numbers(prefix: str, complaints: Complaints) -> int:
    return complaints.db.reports.count_documents({"_id": {"$regex": f"^hotline_12345:{prefix}"}})


def test_what_is_delivered_has_its_receipt_and_what_cannot_be_understood_is_kept(complaints: Complaints) -> None:
    items = [order(f"L{n}") for n in range(4)]
    items += [items[0], items[1] | {"诉求内容": "别的话"}, {"工单编号": "L9", "来电人": "司马独"}]

    with client(complaints) as hotline:
        receipts = list(hotline.deliver(items))

    assert [one.outcome for one in receipts[:6]] == ["received"] * 4 + ["already_received", "revised"]
    assert receipts[4].receipt == receipts[0].receipt == complaints.ask("L0").json()["receipt"]
    odd = receipts[6]
    assert odd == Receipt(items[6], "refused", "", "字段“诉求内容”缺失或为空", "诉求内容", odd.kept_as)
    assert complaints.db.misfits.find_one({"_id": odd.kept_as}) is not None


def test_what_another_signed_is_not_stored_and_rests_sealed(complaints: Complaints) -> None:
    with client(complaints, SECRETS["hotline_12319"]) as hotline, pytest.raises(NotAuthentic, match="签名与内容不符"):
        list(hotline.deliver([order("F1", 来电人="司马独")]))

    connection = broker.open_connection(complaints.settings.amqp_url, "test")
    wait_until(lambda: dead_letters.count(connection, QUEUE) == 1, "a dead letter")
    (letter,) = dead_letters.read(connection, QUEUE)
    broker.close(connection)
    assert letter.reason == "unauthenticated: the signature does not fit the body"
    assert (letter.unread, letter.body) == (True, "")
    assert numbers("F1", complaints) == 0


def test_a_connection_that_breaks_in_the_middle_loses_and_doubles_nothing(complaints: Complaints, way: Wire) -> None:
    outcomes = list[str]()

    with client(complaints, url=way.url) as hotline:
        for n, receipt in enumerate(hotline.deliver([order(f"W{n}") for n in range(30)])):
            outcomes.append(receipt.outcome)
            if n in (4, 14):
                way.cut()
                threading.Timer(0.3, way.mend).start()

    assert len(outcomes) == 30
    assert set(outcomes) <= {"received", "already_received"}
    assert numbers("W", complaints) == 30


def test_letters_wait_in_the_queue_while_the_service_is_away(complaints: Complaints) -> None:
    assert complaints.stop() == 0
    with client(complaints) as hotline:
        assert hotline.send(order(f"A{n}") for n in range(7)) == 7
    assert numbers("A", complaints) == 0

    complaints.start()

    wait_until(lambda: numbers("A", complaints) == 7, "all are stored")


def test_the_client_says_what_is_wrong(complaints: Complaints) -> None:
    url = complaints.settings.amqp_url
    with HotlineClient(url, "weibo", "?", patience=60) as other, pytest.raises(NoSuchChannel, match="weibo"):
        other.send([{}])
    nowhere = url.rpartition("/")[0] + f"/no-{uuid.uuid4().hex}"
    with client(complaints, url=nowhere) as hotline, pytest.raises(Rejected):
        hotline.send([{}])
    closed = "amqp://guest:guest@127.0.0.1:1/"
    with client(complaints, url=closed, patience=0.3) as hotline, pytest.raises(Unreachable):
        hotline.send([{}])


def test_lines_and_single_items_are_letters_too(complaints: Complaints) -> None:
    assert {Channel.HOTLINE_12345.value, Channel.HOTLINE_12319.value} <= set(SECRETS)
    body = b"\n".join(json.dumps(order(f"N{n}"), ensure_ascii=False).encode() for n in range(3))
    with client(complaints) as hotline:
        hotline.publish(body, content_type="application/x-ndjson")
        hotline.publish(json.dumps(order("N7")).encode())
    wait_until(lambda: numbers("N", complaints) == 4, "all are stored")


def test_a_file_is_imported_and_what_is_refused_is_reported(complaints: Complaints, tmp_path: Path) -> None:
    file = tmp_path / "工单.csv"
    words = [order(f"T{n}")["诉求内容"] for n in range(120)]
    rows = [
        f"T{n},{'' if n == 50 else said},投诉,{'昨天' if n == 60 else '2026/3/2 7:40'}" for n, said in enumerate(words)
    ]
    file.write_text("\n".join(["12345 工单", "工单编号,诉求内容,诉求类型,事发时间", *rows]), encoding="gbk")
    town = SimpleNamespace(instance=SimpleNamespace(home=tmp_path))
    command = ["12345", str(file), "--url", f"{complaints.client.base_url}/intake"]

    first = CliRunner().invoke(import_, command, obj=town, env={SECRET_VARIABLE: SECRET})
    again = CliRunner().invoke(import_, [*command, "--again"], obj=town, env={SECRET_VARIABLE: SECRET})

    assert (first.exit_code, again.exit_code) == (3, 3)
    assert "共 120 行：新收 118、已收过 0、更新 0、未收 2" in first.output
    assert "共 120 行：新收 0、已收过 118、更新 0、未收 2" in again.output
    assert numbers("T", complaints) == 118
    report = (tmp_path / "工单.未收.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in report[1:]] == [
        ["53", "诉求内容", "字段“诉求内容”缺失或为空"],
        ["63", "事发时间", "字段“事发时间”不是日期时间，应如 2026-03-02 09:15:00"],
    ]


def test_a_file_for_a_channel_whose_secret_is_another_is_not_begun(complaints: Complaints, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("工单编号,诉求内容\nU1,x\n", encoding="utf-8")
    town = SimpleNamespace(instance=SimpleNamespace(home=tmp_path))
    command = ["12345", str(file), "--url", f"{complaints.client.base_url}/intake"]

    refused = CliRunner().invoke(import_, command, obj=town, env={SECRET_VARIABLE: SECRETS["hotline_12319"]})

    assert isinstance(refused.exception, Unauthenticated)
    assert list(tmp_path.iterdir()) == [file]
