"""The hotline's end of the push signs every attempt, is patient, and counts what became of each item."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from cli.feed import Item
from cli.hotline import BATCH, Hotline, batches, waves
from infra.problem import Problem, Unauthenticated, Unavailable
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify

AT = 1_772_411_400
SECRETS = {"hotline_12345": "one", "hotline_12319": "two"}


def order(number: int | str, channel: str = "hotline_12345", text: str = "") -> Item:
    return Item(channel, {"工单编号" if channel == "hotline_12345" else "案卷号": str(number), "诉求内容": text})


class Intake:
    """An intake that answers from a list, then takes everything; remembers requests and pauses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.done: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        results = [{"index": n, "outcome": "received"} for n, _ in enumerate(json.loads(request.content))]
        return httpx.Response(202, json={"results": results})

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def take(self, *items: Item, wall: Callable[[], float] = lambda: AT + 0.9) -> Counter[str]:
        hotline = Hotline(
            "http://intake/intake/", SECRETS, transport=httpx.MockTransport(self), wall=wall, pause=self.pause
        )
        return asyncio.run(hotline.push(items, self.done.append))


def test_each_channel_gets_its_own_items_signed_with_its_own_secret() -> None:
    intake = Intake()

    counts = intake.take(order(1), order(2, "hotline_12319"), order(3))

    assert counts == {"received": 3}
    bodies = {request.url.path: json.loads(request.content) for request in intake.requests}
    assert bodies == {
        "/intake/hotline_12345": [order(1).payload, order(3).payload],
        "/intake/hotline_12319": [order(2, "hotline_12319").payload],
    }
    for request in intake.requests:
        secret = SECRETS[request.url.path.rpartition("/")[2]].encode()
        timestamp, signature = request.headers[TIMESTAMP_HEADER], request.headers[SIGNATURE_HEADER]
        verify(secret, timestamp, request.content, signature, now=AT)
        assert timestamp == str(AT)


def test_many_items_go_in_batches_and_progress_is_told() -> None:
    intake = Intake()

    counts = intake.take(*(order(n) for n in range(2 * BATCH + 1)))

    assert counts == {"received": 2 * BATCH + 1}
    assert sorted(intake.done) == [1, BATCH, BATCH]


def test_what_is_sent_again_follows_what_was_sent_before() -> None:
    first, again, revised, other = order(1), order(1), order(1, text="more"), order(2)

    assert waves([first, again, other, revised]) == [[first, other], [again], [revised]]
    assert waves([Item("hotline_12345", {}), Item("hotline_12345", {})]) == [
        [Item("hotline_12345", {}), Item("hotline_12345", {})]
    ]
    assert list(batches([])) == []


def test_a_mixed_answer_is_counted_by_result() -> None:
    results = [{"outcome": "received"}, {"code": "not_understood"}, {"outcome": "already_received"}]
    intake = Intake(httpx.Response(207, json={"results": results}))

    assert intake.take(order(1), order(2), order(3)) == {"received": 1, "not_understood": 1, "already_received": 1}


def test_a_batch_of_which_nothing_is_understood_is_counted_too() -> None:
    body = {"code": "not_understood", "detail": "d", "detail_zh": "z", "results": [{"index": 0, "kept_as": "x"}]}

    assert Intake(httpx.Response(422, json=body)).take(order(1)) == {"not_understood": 1}


def test_a_busy_intake_is_asked_again_after_the_pause_that_it_names() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "7"})
    later = httpx.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 08:00:00 GMT"})
    intake = Intake(busy, later, httpx.ConnectError("refused"))
    seconds = iter(range(AT, AT + 10))

    assert intake.take(order(1), wall=lambda: next(seconds)) == {"received": 1}
    assert intake.pauses == [7.0, 14.0, 28.0]
    assert [request.headers[TIMESTAMP_HEADER] for request in intake.requests] == [str(AT + n) for n in range(4)]


def test_an_intake_that_stays_away_ends_the_push() -> None:
    intake = Intake(*(httpx.ConnectError("refused") for _ in range(8)))

    with pytest.RaisesGroup(pytest.RaisesExc(Unavailable, match="after 8 attempts: ConnectError")):
        intake.take(order(1))
    assert intake.pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_refusal_ends_the_push_at_once() -> None:
    body = Unauthenticated("the signature does not fit the body", "签名与内容不符").as_json()

    with pytest.RaisesGroup(pytest.RaisesExc(Unauthenticated, match="does not fit")):
        Intake(httpx.Response(401, json=body)).take(order(1))


def test_a_channel_without_secret_is_refused_before_anything_is_sent() -> None:
    intake = Intake()

    with pytest.RaisesGroup(Unauthenticated):
        intake.take(order(1, "weibo"))
    assert intake.requests == []


def test_what_a_refusal_says_survives(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.RaisesGroup(Problem):
        Intake(httpx.Response(413, json={"code": "too_large", "detail": "d", "detail_zh": "z"})).take(order(1))
