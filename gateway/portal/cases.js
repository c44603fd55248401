// 案件: all cases of a place by their state, each to be opened; asked for only when a state is chosen.

import { button, element, empty, filter, further, missing, section, tag } from "./elements.js";
import { matterFacts } from "./desk.js";
import { CASE_STATE } from "./words.js";

const ANY = "ANY";
const NOT_YET = "";
const CHOICES = [[NOT_YET, "选择状态后显示"], [ANY, "全部"], ...Object.entries(CASE_STATE)];

export const statusOf = (chosen) => (chosen === ANY ? "" : chosen);

export function cases(page) {
  const { list, filter: chosen, problems } = page.cases;
  return section("案件", list ? `共 ${list.totalCount} 件，最新的在前` : null,
    filter("cases-filter", "状态", CHOICES, chosen, (status) => page.choose("cases", status)),
    list ? shown(list, page) : chosen && problems ? missing("案件") : null);
}

const shown = (list, page) => (list.edges.length
  ? [element("ul", { class: "cards" }, list.edges.map(({ node }) => entry(node, page))), further(list, () => page.more("cases"))]
  : empty("没有这样的案件。"));

const entry = (matter, page) => element("li", { class: "card" },
  element("h3", {}, matter.title),
  element("p", { class: "facts" }, tag(CASE_STATE[matter.status])),
  matterFacts(matter),
  element("p", { class: "actions" }, button("详情", () => page.openCase(matter.id), { "aria-label": `详情：${matter.title}` })));
