"""Parts of a duty: a district gives them to its streets (分解), a lead asks a peer (协办), the routing table names who
assists; each is done, sent back, given back or released."""

from datetime import datetime, timedelta

from tests.year.entry import AT_WORK, OPEN, Entry, Limit, end
from tests.year.life import DAY, HOUR, Life, Wait
from tests.year.town import OFFICE, iso

PEERS = ("5301/~psb", "5301/~housing", "5301/~water")


class Sharing(Life):
    """Gives parts to others, and waits for them."""

    def assisted(self, one: Entry) -> None:
        """A peer is asked, to a moment that the lead names."""
        peer = self.chance.choice([unit for unit in PEERS if unit != one.unit])
        until = self.later(self.some(1, 40) * HOUR)
        words = (iso(until), "请协助")
        if until > one.deadline:
            self.refused(one, "ask_assist", peer, *words)
            return
        self.refused(one, "ask_assist", one.unit, *words)
        self.do(one, "ask_assist", peer, *words)
        self.part(one, peer, "assist", until)
        self.refused(one, "ask_assist", peer, *words)

    def delegated(self, one: Entry) -> None:
        """A district gives parts to some of its streets, by default with nine tenths of the time that is left."""
        below = [unit.path for unit in self.town.registry.children(one.unit) if unit.kind == "street"]
        units = self.chance.sample(below, min(len(below), 2)) if one.unit.count("/") == 1 else []
        self.refused(one, "delegate", ["5301/~psb"], None, "请办理")
        if units and self.town.now < one.deadline:
            self.do(one, "delegate", units, None, "请办理")
            until = nine_tenths(self.town.now, one.deadline)
            for unit in units:
                self.part(one, unit, "part", until)

    def part(self, one: Entry, unit: str, role: str, until: datetime) -> Entry:
        """A part that has just been given; its limit is the time that it has, by the clock of the whole; where that
        gives none, it has but a deadline."""
        now = self.town.now
        time = one.limit.between(now, until)
        limit = one.limit._replace(time=time) if time else Limit(until - now, given=False)
        inside = "~" not in unit and f"{unit}/".startswith(f"{one.place}/")
        facts = (f"{one.id}.{len(one.parts) + 1}", unit, unit if inside else one.place, one.source, one.category)
        part = self.books.add(Entry(*facts, now, limit, until, role=role, giver=one.unit, whole=one))
        one.parts.append(part)
        return part

    def assisted_by(self, one: Entry, units: list[str]) -> None:
        """Its case is another: the table names these now to assist it, and no others."""
        for part in one.parts:
            if part.unit not in units and part.status in OPEN:
                end(part, self.town.now, "withdrawn")
        for unit in set(units) - {part.unit for part in one.parts}:
            self.part(one, unit, "assist", nine_tenths(self.town.now, one.deadline))

    def finished(self, one: Entry) -> Wait:
        """The parts come to their ends one after the other; before that the whole cannot be submitted."""
        for part in one.parts:
            if part.status in OPEN and (part.role, part.status) != ("assist", "submitted"):
                self.refused(one, "submit", "已办")
                yield self.some(10, 3 * HOUR)
                yield from self._finish(part)

    def _finish(self, part: Entry) -> Wait:
        if part.status == "issued":
            if self.perhaps("release"):
                self.do(part, "withdraw", "不再需要", unit=part.giver)
                end(part, self.town.now, "withdrawn")
            elif not (self.perhaps("part returned") and self.give_back(part)):
                self.accept(part)
                yield self.some(HOUR, 2 * DAY)
        if part.status in AT_WORK:
            self.submit(part)
        while part.status == "submitted" and (part.role == "part" or self.perhaps("part sent back")):
            yield self.some(HOUR, DAY)
            self.judge(part, part.giver, passed=not self.perhaps("part sent back"))
            if part.status == "rectifying":
                yield self.some(HOUR, DAY)
                self.submit(part)


def nine_tenths(at: datetime, deadline: datetime) -> datetime:
    """When nine tenths of what is left have gone."""
    return at + max(timedelta(), deadline - at) * 9 / 10


def table_assists(category: str, place: str, unit: str) -> list[str]:
    """Whom the routing table names to assist: the district, or the zone, against illegal taxis."""
    if category != "transport.illegal" or unit == OFFICE:
        return []
    district = "/".join(place.split("/")[:2])
    return [] if f"{unit}/".startswith(f"{district}/") else [district]
