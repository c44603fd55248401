"""The story of the demonstration, one function per chapter; each returns one line that says what happened.

Every chapter may be told again: what was done before is found done (same receipts, same plan, same round).
"""

import email
import email.policy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import contacts, feed, hotline, plan, round
from cli.demonstration import officers
from cli.main import Town
from cli.rpc import call
from infra.clock import CITY_ZONE, parse_clock
from infra.local.trouble import NotReady
from infra.local.waiting import holds_within
from infra.organisation.registry import Registry

PLAN_ENDS = datetime(2026, 12, 31, 18, tzinfo=CITY_ZONE)
ROUND_ID, ROUND_TITLE, PERIOD = "2026-Q1", "2026年第一季度文明城市测评", "2026-Q1"
FEEDS = Path(__file__).resolve().parents[1] / "feeds"
ASKED_EVERY = 0.3  # seconds between two looks
PATIENCE = 240.0  # seconds that the services may take to digest a chapter

WORDS = {
    "accepted": "签收",
    "returned": "退回",
    "submitted": "申报完成",
    "closed": "结案",
    "reworked": "返工",
    "answered": "答复",
}

Tick = Callable[[int], None]


class Story:
    """One telling, in the instance of `town`; `registry` knows the city."""

    def __init__(self, town: Town, registry: Registry) -> None:
        self.town, self.registry = town, registry

    def contacts(self, tick: Tick) -> str:
        """Fill the contact book."""
        return f"通讯录 {contacts.import_rows(self.town, contacts.invented(self.registry))} 个联络员"

    def plan(self, tick: Tick) -> str:
        """Issue the 50 measures."""
        found = plan.issue_plan(
            self.town,
            plan.rows_of(plan.MEASURES),
            plan_id="kbf-2017-30",
            title="昆办发〔2017〕30号 目标任务分解表",
            version=1,
            deadline=PLAN_ENDS,
        )
        return f"目标任务分解表 {found['rows']} 项措施，分解为 {found['tasks']} 项任务"

    def feed(self, tick: Tick, path: Path | None) -> str:
        """Replay the feed through the hotlines' push; wait until every report has its case, every case its task."""
        items = list(feed.items(path or feed.DEFAULT, self.registry))
        counts = hotline.push(self.town.instance, items, tick)
        self._await(self._assigned, "the reports were not all triaged and assigned")
        totals = call(self.town, "complaints", "intake_totals")
        results = "、".join(f"{word} {count}" for word, count in counts.items())
        return f"来件 {len(items)} 件（{results}）：案件 {totals['cases']} 件，并入 {totals['joined']} 件"

    def work(self, tick: Tick) -> str:
        """The offices accept, return and submit; the desk checks, closes and answers."""
        handled = self._handled(tick)
        checked = self._checked()
        return "、".join(f"{WORDS[name]} {count}" for name, count in (handled | checked).items())

    def _handled(self, tick: Tick) -> dict[str, int]:
        before = self._reached("checking", "closed")
        found = officers.handle(officers.offices(self.town.instance, self.registry), tick)
        self._await(
            lambda: self._reached("checking", "closed") >= before + found["submitted"],
            "the cases did not follow their tasks",
        )
        return found

    def _checked(self) -> dict[str, int]:
        before = self._reached("closed", "answered")
        found = officers.check(officers.desk(self.town.instance, self.registry))
        expected = before + found["closed"] + found["answered"]
        self._await(lambda: self._reached("closed", "answered") >= expected, "the counters did not follow the cases")
        return found

    def round(self, tick: Tick) -> str:
        """Run one assessment round and publish its ranking."""
        view = round.open_round(self.town, ROUND_ID, ROUND_TITLE, PERIOD)
        if view["status"] != "published":
            found = round.import_results(self.town, ROUND_ID, FEEDS / "site_results.csv")
            tick(found["recorded"])
            seen = round.open_round(self.town, ROUND_ID, ROUND_TITLE, PERIOD)["version"]
            view = round.publish_round(self.town, ROUND_ID, seen)
        return f"{ROUND_TITLE}：点位 {view['sites']} 个，{len(view['standings'])} 个单位参加排名"

    def post(self, tick: Tick) -> str:
        """Wait until the bulletin and the notices have been mailed."""
        self._await(self._mailed, "the mail was not all sent")
        by_status = call(self.town, "notify", "totals")["by_status"]
        return f"邮件已送达 {by_status.get('sent', 0) + by_status.get('delivered', 0)} 封"

    def bulletin_mail(self) -> Path | None:
        """The file of one mail with the ranking bulletin, None where there is none."""
        number = self.bulletin_number()
        for mail in sorted(self.town.instance.mail.glob("*.eml")):
            if number and number in _subject(mail):
                return mail
        return None

    def bulletin_number(self) -> str | None:
        """文号 of the latest bulletin to the city, None before the first."""
        city = self.registry.city.path
        found: list[dict[str, Any]] = call(self.town, "notify", "recent_bulletins", [city], 1)[city]
        return found[0]["number"] if found else None

    def now(self) -> str:
        """What the city's clock shows."""
        moment = parse_clock(self.town.instance.memory.clock).now().astimezone(CITY_ZONE)
        return f"{moment:%Y-%m-%d %H:%M}"

    def _await(self, condition: Callable[[], bool], otherwise: str) -> None:
        if not holds_within(PATIENCE, condition, every=ASKED_EVERY):
            raise NotReady(f"{otherwise} within {PATIENCE:.0f} s; `wenming status` shows where they wait")

    def _reached(self, *statuses: str) -> int:
        """How many of the city's cases are in one of `statuses`."""
        counts = call(self.town, "complaints", "case_counts", [self.registry.city.path])[self.registry.city.path]
        return sum(counts.get(status, 0) for status in statuses)

    def _assigned(self) -> bool:
        """Whether every report is in a case and every filed case has its task."""
        totals = call(self.town, "complaints", "intake_totals")
        return totals["cases"] + totals["joined"] >= totals["reports"] and self._reached("filed") == 0

    def _mailed(self) -> bool:
        return bool(self.bulletin_number()) and not call(self.town, "notify", "totals")["by_status"].get("pending", 0)


def _subject(mail: Path) -> str:
    with mail.open("rb") as file:
        return str(email.message_from_binary_file(file, policy=email.policy.default)["Subject"])
