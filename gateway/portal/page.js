// What is on the screen, and how it is asked for: the unit, its lists, and what of them was chosen.

import * as ask from "./ask.js";
import { Refusal } from "./asking.js";
import { LISTS, joined } from "./lists.js";

// `draw`, `tell` and `refused` belong to who shows it.
export class Page {
  constructor(shows) {
    Object.assign(this, shows);
    this.me = this.unit = this.units = null;
    this.looks = 0;
    this.names = new Map();
    this.begin();
  }

  // As somebody sees it who has just come in.
  begin() {
    this.order = { column: null, descending: false };
    for (const [name, { begins }] of Object.entries(LISTS)) this[name] = { list: null, filter: begins };
    Object.assign(this.desk, { templates: [], categories: [], voidReasons: [] });
  }

  async enter() {
    this.me = await ask.me();
    if (!this.me.unit) throw new Refusal({ code: "unauthenticated", detail_zh: "令牌中的单位不存在" });
    this.names.set(this.me.unit.path, this.me.unit.shortName);
  }

  sees(name) {
    return LISTS[name].sees(this.me, this.unit.path);
  }

  // What comes after something else was looked at is not drawn: the address names what is on the screen.
  async look(path) {
    const mine = ++this.looks;
    const names = Object.keys(LISTS).filter((name) => LISTS[name].sees(this.me, path) && !LISTS[name].quiet);
    if (this.cases.filter) names.push("cases");
    const filters = names.map((name) => this[name].filter);
    const [{ unit, problems }, ...found] = await Promise.all([
      ask.picture(path, this.me.role !== "OPERATOR"),
      ...names.map((name, n) => LISTS[name].asked(path, this.me, filters[n])),
    ]);
    if (mine !== this.looks) return;
    this.unit = unit;
    this.work = { list: unit.work, filter: "" };
    names.forEach((name, n) => { this[name] = { ...this[name], ...found[n], filter: filters[n] }; });
    for (const one of [unit, ...unit.children]) this.names.set(one.path, one.shortName);
    this.tell([problems, ...found.map((one) => one.problems)].flat(), true);
    this.draw();
  }

  async again() {
    try {
      await this.look(this.unit.path);
    } catch (error) {
      this.refused(error);
    }
  }

  // More of a list, where that is what is shown still.
  more(name) {
    const shown = this[name].list;
    return this.extend(() => this[name].list,
      () => LISTS[name].asked(this.unit.path, this.me, this[name].filter, shown.pageInfo.endCursor),
      ({ list }) => { if (list) this[name].list = joined(shown, list); });
  }

  async choose(name, filter) {
    this[name] = { ...this[name], filter };
    if (LISTS[name].quiet && !filter) {
      this[name].list = null;
      this.draw();
    } else {
      await this.extend(() => `${this.unit.path} ${this[name].filter}`,
        () => LISTS[name].asked(this.unit.path, this.me, filter),
        (found) => { this[name] = { ...this[name], ...found }; });
    }
    document.getElementById(`${name}-filter`)?.focus();
  }

  async extend(shown, asking, take) {
    const before = shown();
    try {
      const found = await asking();
      if (shown() !== before) return;
      this.tell(found.problems || []);
      take(found);
    } catch (error) {
      this.refused(error);
    }
    if (this.me) this.draw();
  }

  // What questions of some acts need besides; it stays as it is.
  async need(what) {
    if (what !== "units" || this.units) return;
    const found = await ask.units();
    const names = new Map(found.map(({ path, shortName }) => [path, shortName]));
    const above = (path) => names.get(path.slice(0, path.lastIndexOf("/")));
    this.units = found.map((unit) => ({ ...unit, longName: [above(unit.path), unit.shortName].filter(Boolean).join(" ") }));
  }

  // A thing as it is now; null where the page does not show it any more.
  fresh(kind, thing) {
    if (kind === "task") return ask.task(thing.id);
    if (kind === "case") return ask.matter(thing.id);
    const held = kind === "misfit" ? this.misfits.list : this.orders.list;
    const found = held?.edges.map(({ node }) => node).find((one) => one.id === thing.id);
    return found ? { ...thing, ...found } : null;
  }
}
