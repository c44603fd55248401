"""Which event of a case is news to the hotlines. Pure."""

from infra.messaging.event import Event
from services.complaints import contracts
from services.complaints.contracts import CallbackNews

NEWS_ZH = {
    CallbackNews.ACCEPTED: "已受理",
    CallbackNews.FACTS_ASKED: "需补充材料",
    CallbackNews.DISPATCHED: "已派遣",
    CallbackNews.CLOSED: "已结案",
    CallbackNews.ANSWERED: "已答复",
    CallbackNews.VOIDED: "已作废",
    CallbackNews.MERGED: "已并案",
    CallbackNews.REOPENED: "重办中",
}
_BY_TYPE: dict[type[Event], CallbackNews] = {
    contracts.CaseReceived: CallbackNews.ACCEPTED,
    contracts.CaseFiled: CallbackNews.ACCEPTED,
    contracts.CaseAnswered: CallbackNews.ANSWERED,
    contracts.CaseVoided: CallbackNews.VOIDED,
    contracts.CaseClosed: CallbackNews.CLOSED,
    contracts.CaseMerged: CallbackNews.MERGED,
    contracts.CaseReopened: CallbackNews.REOPENED,
}
_BY_WORD = {
    "催办": CallbackNews.ACCEPTED,
    "派遣": CallbackNews.DISPATCHED,
    "重新派遣": CallbackNews.DISPATCHED,
    "一次性告知": CallbackNews.FACTS_ASKED,
}


def news_of(event: Event) -> CallbackNews | None:
    """What the event means to the hotlines of its case; None where it is nothing to them."""
    if isinstance(event, contracts.CaseRevised):
        return next((_BY_WORD[word] for word in event.what.split("、") if word in _BY_WORD), None)
    return _BY_TYPE.get(type(event))
