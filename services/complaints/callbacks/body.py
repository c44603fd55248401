"""What a hotline is told. Read from case and report at the moment of sending: events and callbacks carry no reply."""

import msgspec

from services.complaints.callbacks.line import Callback, CallbackLine
from services.complaints.callbacks.news import NEWS_ZH
from services.complaints.case import Case
from services.complaints.contracts import CallbackBody, CallbackNews, Channel
from services.complaints.privacy import Vault
from services.complaints.query_code import code_of
from services.complaints.report import Report


class Wording:
    """Words callbacks as JSON."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def body(self, line: CallbackLine, callback: Callback) -> bytes:
        """The JSON of `callback`, the same as long as nothing of its case has changed."""
        report = Report.objects(id=line.id).only("key").first()
        case = Case.objects(id=callback.case_id).exclude("outbox", "text", "sketch", "history").first()
        known = CallbackBody(
            id=callback.id,
            news=callback.news,
            news_zh=NEWS_ZH[callback.news],
            at=callback.at,
            channel=Channel(line.channel),
            external_id=line.external_id,
            receipt=line.receipt,
            query_code=code_of(report, self._vault) if report else None,
        )
        return msgspec.json.encode(_with_case(known, case) if case else known)


def _with_case(known: CallbackBody, case: Case) -> CallbackBody:
    asked = case.facts_asked if known.news == CallbackNews.FACTS_ASKED else None
    into = Case.objects(id=case.merged_into).only("number").first() if known.news == CallbackNews.MERGED else None
    return msgspec.structs.replace(
        known,
        case_number=(into or case).number,
        reply=_reply(known, case),
        reason=case.void_reason if known.news == CallbackNews.VOIDED else None,
        missing=asked.missing if asked else [],
        missing_by=asked.due if asked else None,
    )


def _reply(known: CallbackBody, case: Case) -> str | None:
    """That of the closing which is told, also where the case was reopened since."""
    if known.news == CallbackNews.CLOSED:
        return next((one.reply for one in case.closings if one.at == known.at), case.reply)
    return case.reply if known.news == CallbackNews.ANSWERED else None
