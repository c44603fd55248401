"""Nothing that a citizen says, and nothing about him, is in any queue, stream, dead letter or log.

Marked words are planted at the intake of a running instance; then a handler fails while it holds them, and messages
that are no events carry them. All that rests at the broker and in the logs is searched for them, in clear and hidden.
"""

import base64
import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import httpx
import pymongo
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from infra.local.instance import Instance
from infra.local.premises import External
from infra.messaging import broker
from infra.messaging.publisher import Parcel, Publisher
from infra.messaging.rpc_client import call_once
from infra.messaging.stream import messages_from
from infra.signature import signed_headers
from services.complaints.channels import known_channels
from tests.messaging.conftest import DEADLINE, Host, wait_until

NAME, PHONE, CARD, WORDS = "欧阳标记甲", "13912345670", "530102199003071234", "蓝色大象踩坏了井盖标记乙"
BREAKS = "这一件让处理程序出错标记丙"
MARKS = (NAME, PHONE, CARD, WORDS, BREAKS)
QUEUE = "complaints.report_received"
OFFICE = {"role": "city_office", "unit": "5301/~office", "name": "赵六"}


class Planted:
    """A running instance into which marked words were planted."""

    def __init__(self, instance: Instance, host: Host, prefix: str) -> None:
        self.instance, self.host = instance, host
        self._mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(os.environ["MONGODB_URL"])
        self.db = self._mongo[prefix + "complaints"]
        self.connection = broker.open_connection(host.url, "search")

    def push(self, number: str, words: str, **changes: Any) -> int:
        """A work order of hotline 12345, with all that there is about its sender; the status of the answer."""
        item = known_channels()["hotline_12345"].sample | {
            "工单编号": number,
            "诉求内容": f"五华区华山街道翠湖南路井盖缺失。{words}，来电人{NAME}，电话{PHONE}，身份证{CARD}。",
            "来电人": NAME,
            "号码": PHONE,
        }
        body = json.dumps(item | changes, ensure_ascii=False).encode()
        secret = self.instance.secrets["hotline_12345"].encode()
        headers = signed_headers(secret, int(time.time()), body) | {"Content-Type": "application/json"}
        url = self.instance.addresses()["hotline 12345"]
        return httpx.post(url, content=body, headers=headers, timeout=DEADLINE, trust_env=False).status_code

    def depth(self, queue: str) -> int:
        """How many messages wait in the queue."""
        with self.connection.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)

    def queues(self) -> dict[str, str]:
        """Every queue of the virtual host and its type."""
        rows = self.host._call("GET", f"queues/{self.host.name}")
        return {row["name"]: row["type"] for row in rows if not row["exclusive"]}  # those hold answers to RPC calls

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """Everything that rests at the broker: the queue, and all that is written in a message."""
        for queue, kind in self.queues().items():
            for message in self._stream(queue) if kind == "stream" else self._queue(queue):
                body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
                yield queue, body + b"\0" + repr(message.properties).encode()

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Every document of every service as it is stored, and the collection in which it is."""
        options = CodecOptions(document_class=RawBSONDocument)
        for name in self._mongo.list_database_names():
            database = self._mongo[name] if name.startswith(self.db.name.removesuffix("complaints")) else None
            for collection in [] if database is None else database.list_collection_names():
                for document in self._mongo[name].get_collection(collection, codec_options=options).find():
                    yield f"{name}.{collection}", document.raw

    def close(self) -> None:
        """Let go."""
        broker.close(self.connection)
        self._mongo.close()

    def _queue(self, queue: str) -> Iterator[amqp.Message]:
        with self.connection.channel() as channel:
            while (message := channel.basic_get(queue)) is not None:
                yield message

    def _stream(self, queue: str) -> Iterator[amqp.Message]:
        with messages_from(self.connection, queue, "first") as found:
            yield from found


@pytest.fixture(scope="module")
def planted(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """An instance with all services, and what was done to it."""
    host, prefix = Host(os.environ["AMQP_URL"]), f"test_{uuid.uuid4().hex[:10]}_"
    host.create()
    instance = Instance(
        "private",
        root=tmp_path_factory.mktemp("instances"),
        external=External(host.url, os.environ["MONGODB_URL"], os.environ["RABBITMQ_MANAGEMENT_URL"]),
        settings={"WENMING_DB_PREFIX": prefix, "WENMING_RETRY_DELAYS": "100,200"},
    )
    try:
        with instance:
            found = Planted(instance, host, prefix)
            plant(found)
            yield found
            found.close()
    finally:
        host.delete()
        client: pymongo.MongoClient[object] = pymongo.MongoClient(os.environ["MONGODB_URL"])
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)
        client.close()


def plant(town: Planted) -> None:
    """Work orders that go well, one that no handler can handle, and messages that are no events."""
    assert [town.push(f"GD{n}", f"{WORDS}{n}") for n in range(3)] == [202, 202, 202]
    assert town.push("GD0", f"{WORDS}，又来催办") == 202
    assert town.push("", WORDS) in (202, 400, 422)
    assert town.push("GD9", WORDS, 来电时间=f"{NAME}{PHONE}") in (202, 400, 422)
    wait_until(lambda: town.db.cases.count_documents({"task_id": {"$ne": None}}) >= 1)
    # The database refuses the case, and its error quotes the whole document.
    town.db.command("collMod", "cases", validator={"text": {"$not": {"$regex": BREAKS}}})
    assert town.push("GD7", f"{BREAKS}，与众不同的一件事") == 202
    wait_until(lambda: town.depth(f"{QUEUE}.dead") == 1)
    words = "，".join(MARKS).encode()
    headers = {"cloudEvents_id": PHONE, "cloudEvents_type": NAME, "words": WORDS}
    strangers = [Parcel(PHONE, "", queue, headers, words) for queue in handler_queues(town)]
    assert Publisher(town.connection).publish(strangers) == {}
    wait_until(lambda: all(town.depth(f"{queue}.dead") for queue in handler_queues(town)))


def handler_queues(town: Planted) -> list[str]:
    """The queues of all handlers."""
    return [name.removesuffix(".dead") for name in town.queues() if name.endswith(".dead")]


def forms(mark: str) -> Iterator[bytes]:
    """A mark as it may be written: in clear, escaped, in other encodings, in base64 wherever it begins."""
    for plain in (mark.encode(), mark.encode("utf-16-le"), mark.encode("gb18030")):
        yield plain
        for before in range(3):
            whole = base64.b64encode(bytes(before) + plain)
            first = -(-before * 8 // 6)  # the first letter that depends on the mark alone
            last = (before + len(plain)) * 8 // 6
            yield whole[first:last]
            yield whole[first:last].replace(b"+", b"-").replace(b"/", b"_")
        yield plain.hex().encode()
    yield json.dumps(mark)[1:-1].encode()
    yield json.dumps(json.dumps(mark)[1:-1])[1:-1].encode()


FORMS = {form: mark for mark in MARKS for form in forms(mark)}


def marks_in(text: bytes) -> set[str]:
    """The marks that `text` holds, in any form."""
    return {mark for form, mark in FORMS.items() if form in text}


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_the_search_finds_what_is_hidden(before: str) -> None:
    text = f"{before}{NAME} and more"
    assert marks_in(text.encode()) == {NAME}
    assert marks_in(base64.b64encode(text.encode())) == {NAME}
    assert marks_in(json.dumps({"x": text}).encode()) == {NAME}
    assert marks_in(f"{before}{PHONE[:-1]}".encode()) == set()


def test_the_words_were_planted(planted: Planted) -> None:
    stored = json.dumps(list(planted.db.reports.find()), default=str, ensure_ascii=False)
    assert WORDS in stored
    assert BREAKS in stored


def test_no_message_at_the_broker_holds_them(planted: Planted) -> None:
    found = [(queue, marks_in(message)) for queue, message in planted.messages()]
    assert {queue for queue, marks in found if marks} == set()
    searched = {queue for queue, _ in found}
    assert {"event-log", f"{QUEUE}.dead"} <= searched
    assert {f"{queue}.dead" for queue in handler_queues(planted)} <= searched


def test_no_log_holds_them(planted: Planted) -> None:
    files = [file for file in Path(planted.instance.logs).rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"complaints.log", "tasks.log", "notify.log", "assessment.log"}
    assert {(file.name, mark) for file in files for mark in marks_in(file.read_bytes())} == set()


def test_the_failed_handlers_say_where_they_failed_without_saying_on_what(planted: Planted) -> None:
    log = (planted.instance.logs / "complaints.log").read_text("utf-8")
    assert f"goes to {QUEUE}.dead after 3 attempts" in log


def test_after_the_erasure_of_their_reports_no_database_holds_them_and_nothing_new_tells_them(planted: Planted) -> None:
    """The last test of this module: it ends what was planted."""
    assert set().union(*(marks_in(document) for _, document in planted.documents())) == set(MARKS)
    for report in planted.db.reports.find({}, {"receipt": 1}):
        call_once(planted.host.url, "complaints", "erase_report", report["receipt"], OFFICE, "本人要求", "test")

    found = {(where, mark) for where, document in planted.documents() for mark in marks_in(document)}
    assert found == set()
    test_no_message_at_the_broker_holds_them(planted)
    test_no_log_holds_them(planted)
