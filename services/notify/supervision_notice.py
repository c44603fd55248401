"""督办通知单, 督办情况通知 and 责任倒查线索移送单: what the unit that is pushed, the issuer of the order and the
headquarters' office are told of a supervision order. Pure: an event in, drafts out."""

from typing import Any, NamedTuple

from infra.messaging.event import Event, Received
from infra.organisation import unit_path
from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.draft import TITLES, Draft, Words, id_of_news
from services.notify.rendering import chinese_moment
from services.tasks.contracts import (
    AccountabilityProposed,
    SupervisionAcknowledged,
    SupervisionAnswered,
    SupervisionClosed,
    SupervisionOpened,
    SupervisionReturned,
    SupervisionState,
)

UNANSWERED = "逾期未答复的，将作为责任倒查线索移交处理。"
ORDERED = Words(
    TITLES[BulletinKind.SUPERVISION],
    "现对下列事项予以督办，请及时签收，立即组织办理，并在答复期限前书面答复办理情况。",
    UNANSWERED,
)
CLUE = Words(
    TITLES[BulletinKind.CLUE],
    "下列督办事项已构成责任倒查线索，现予移送，请按规定核查处理。",
    "本件仅送总指挥部办公室，核查认定前请注意保密。",
)
Fact = tuple[str, str]


def _news(opening: str, closing: str) -> Words:
    return Words(TITLES[BulletinKind.SUPERVISION_NEWS], opening, closing)


class News(NamedTuple):
    """What the issuer and the unit read of a step, where they are told; `said` is the label of the officer's words and
    the field of the event that holds them."""

    issuer: Words
    unit: Words | None = None
    said: tuple[str, str] | None = None


NEWS: dict[type[Event], News] = {
    SupervisionOpened: News(
        _news("以你单位名义下达的下列督办单已送承办单位，请跟踪督促。", "承办单位答复后，请及时审核。"),
    ),
    SupervisionAcknowledged: News(
        _news("承办单位已签收下列督办单，请跟踪督促。", "承办单位答复后，请及时审核。"),
    ),
    SupervisionAnswered: News(
        _news(
            "承办单位已答复下列督办事项，请及时审核。",
            "办理到位的，请予以销号；不符合要求的，请说明理由退回。",
        ),
        _news("你单位对下列督办事项的答复已送督办单位审核。", "销号前请继续做好办理工作。"),
        ("答复情况", "answer"),
    ),
    SupervisionReturned: News(
        _news("下列督办事项的答复已退回承办单位，请跟踪督促。", "承办单位重新答复后，请及时审核。"),
        _news("你单位对下列督办事项的答复已被退回，请继续办理，并在新的答复期限前重新答复。", UNANSWERED),
        ("退回理由", "reason"),
    ),
    SupervisionClosed: News(
        _news("下列督办事项已销号。", "有关情况已记入督办台账。"),
        _news("下列督办事项已销号。", "请巩固办理成果，防止问题反弹。"),
        ("销号说明", "note"),
    ),
}


def opened(received: Received[SupervisionOpened], registry: Registry) -> list[Draft]:
    """督办通知单 to the unit, exactly one per order, and word of it to the issuer."""
    order, cause = received.event.supervision, received.envelope.id
    facts = order_facts(order, registry)
    id = f"supervision-{order.supervision_id}"
    return [_draft(id, BulletinKind.SUPERVISION, order, order.unit, ORDERED, facts, cause), *moved(received, registry)]


def moved(received: Received[Any], registry: Registry) -> list[Draft]:
    """督办情况通知 of one step of an order, to its issuer and, where NEWS says so, to the unit."""
    event, envelope = received.event, received.envelope
    order, news, kind = event.supervision, NEWS[type(event)], BulletinKind.SUPERVISION_NEWS
    facts = order_facts(order, registry)
    if news.said is not None:
        label, field = news.said
        facts.append((label, getattr(event, field)))
    told = ((order.unit, news.unit), (order.by_unit, news.issuer))
    return [
        _draft(id_of_news(kind, envelope, unit), kind, order, unit, words, facts, envelope.id)
        for unit, words in told
        if words is not None
    ]


def clue(received: Received[AccountabilityProposed], registry: Registry) -> list[Draft]:
    """责任倒查线索移送单: to the headquarters' office and nobody else."""
    order, envelope, kind = received.event.supervision, received.envelope, BulletinKind.CLUE
    facts = [*order_facts(order, registry), ("线索事由", received.event.because)]
    office = unit_path.office_of(order.unit)
    return [_draft(id_of_news(kind, envelope, office), kind, order, office, CLUE, facts, envelope.id)]


def order_facts(order: SupervisionState, registry: Registry) -> list[Fact]:
    """The lines of the table about an order."""
    return [
        ("督办编号", order.number),
        ("督办单位", registry.name(order.by_unit)),
        ("承办单位", registry.name(order.unit)),
        ("事项", order.title),
        ("发生地点", registry.name(order.place_path)),
        ("督办理由", order.because),
        ("答复期限", chinese_moment(order.answer_by)),
    ]


def _draft(
    id: str, kind: BulletinKind, order: SupervisionState, unit: str, words: Words, facts: list[Fact], cause: str
) -> Draft:
    return Draft(
        id=id,
        kind=kind,
        unit=unit,
        about=order.title,
        words=words,
        facts=facts,
        cause=cause,
        task_id=order.task_id or "",
        deadline=order.answer_by,
    )
