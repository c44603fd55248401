// The picture of a unit: figures, states, children, duties, bulletins.

import { button, element, empty, further, missing, section, tag } from "./elements.js";
import { card } from "./task_card.js";
import { BULLETINS, CASE_STATES, TASK_STATES, change, day, number, score } from "./words.js";

export function trail(steps) {
  if (steps.length < 2) return null;
  return element("nav", { class: "trail", "aria-label": "位置" }, element("ol", {}, steps.map((step, place) =>
    element("li", {}, place === steps.length - 1
      ? element("span", { "aria-current": "page" }, step.name)
      : element("a", { href: `#/${step.path}` }, step.name)))));
}

const figure = (label, value, note, kind = "") =>
  element("div", { class: `figure ${kind}` },
    element("dt", {}, label), element("dd", {}, element("strong", {}, value), note ? element("span", {}, note) : null));

export function figures(unit) {
  const { caseCounts: cases, taskCounts: tasks, standing } = unit;
  const moved = change(standing?.change);
  const shown = [
    standing && figure("测评得分", score(standing.score), standing.grade ? `${standing.grade} 级` : ""),
    standing && figure("名次", standing.rank === null ? "—" : `第 ${standing.rank}`, `较上轮 ${moved.text}`, moved.kind),
    cases && figure("未结案件", number(cases.open), `共 ${cases.total} 件`),
    tasks && figure("未结任务", number(tasks.open), `共 ${tasks.total} 项`),
    tasks && figure("逾期任务", number(tasks.overdue), tasks.overdue ? "请尽快办理" : "无逾期", tasks.overdue ? "late" : ""),
  ];
  const source = standing ? `${standing.title} · ${day(standing.publishedAt)} · 点位 ${standing.sites} 个，扣分 ${standing.deductions} 项` : null;
  return element("section", { class: "overview", "aria-label": "总体情况" },
    element("dl", { class: "figures" }, shown.filter(Boolean)), source ? element("p", { class: "source" }, source) : null);
}

function bars(title, counts, states, coordinate) {
  if (!counts) return section(title, null, missing(title));
  const present = states.filter(([name]) => counts[name] > 0);
  if (!present.length) return section(title, null, empty("目前没有。"));
  const most = Math.max(...present.map(([name]) => counts[name]));
  return section(title, `共 ${counts.total} · ${coordinate}`, element("ul", { class: "bars" }, present.map(([name, label]) =>
    element("li", {}, element("span", { class: "label" }, label),
      element("meter", { min: 0, max: most, value: counts[name], "aria-hidden": "true" }),
      element("span", { class: "count" }, counts[name])))));
}

export const states = (unit) => element("div", { class: "columns" },
  unit.kind === "DEPARTMENT" ? null : bars("案件状态", unit.caseCounts, CASE_STATES, "按属地统计"),
  bars("任务状态", unit.taskCounts, TASK_STATES, unit.kind === "DEPARTMENT" ? "按责任单位统计" : "按属地统计"));

const COLUMNS = [
  ["单位", (unit) => unit.shortName, (unit) => unit.path],
  ["得分", (unit) => score(unit.standing?.score), (unit) => unit.standing?.score],
  ["名次", (unit) => number(unit.standing?.rank), (unit) => unit.standing?.rank],
  ["变化", (unit) => change(unit.standing?.change).text, (unit) => unit.standing?.change],
  ["未结案件", (unit) => number(unit.caseCounts?.open), (unit) => unit.caseCounts?.open],
  ["案件总数", (unit) => number(unit.caseCounts?.total), (unit) => unit.caseCounts?.total],
  ["未结任务", (unit) => number(unit.taskCounts?.open), (unit) => unit.taskCounts?.open],
  ["逾期", (unit) => number(unit.taskCounts?.overdue), (unit) => unit.taskCounts?.overdue],
];

export function sorted(units, column, descending) {
  if (column === null) return units;
  const key = COLUMNS[column][2];
  const known = units.filter((unit) => key(unit) !== null && key(unit) !== undefined);
  const unknown = units.filter((unit) => !known.includes(unit));
  known.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (descending ? -1 : 1));
  return [...known, ...unknown];
}

export function children(unit, order, onsort) {
  if (!unit.children.length) return null;
  const heads = COLUMNS.map(([label], place) => {
    const sort = order.column === place ? (order.descending ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", "aria-sort": sort },
      element("button", { type: "button", onclick: () => onsort(place) }, label));
  });
  const rows = sorted(unit.children, order.column, order.descending).map((child) => element("tr", {},
    COLUMNS.map(([label, text], place) => place === 0
      ? element("th", { scope: "row" }, element("a", { href: `#/${child.path}`, title: child.name }, text(child)))
      : element("td", { "data-label": label, class: cell(label, child) }, text(child)))));
  return section("下级单位", "按属地统计；点击表头排序，点击名称查看", element("div", { class: "scroll" },
    element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows))));
}

function cell(label, child) {
  if (label === "逾期" && child.taskCounts?.overdue) return "late";
  return label === "变化" ? change(child.standing?.change).kind : null;
}

export function work(page) {
  const { list } = page.work;
  if (list === undefined) return null;
  if (!list) return section("下级任务", null, missing("下级任务"));
  const { edges, totalCount } = list;
  if (!edges.length) return section("下级任务", null, empty("没有在办的任务。"));
  return section("下级任务", `本单位及下级负责的 ${totalCount} 项，最紧迫的在前`,
    element("ul", { class: "cards" }, edges.map(({ node }) => card(node, page, { acts: node.overdue ? ["supervise"] : [] }))),
    further(list, () => page.more("work")));
}

export function bulletins(unit, open) {
  if (!unit.bulletins) return section("近期通报", null, missing("近期通报"));
  if (!unit.bulletins.edges.length) return section("近期通报", null, empty("近期没有通报。"));
  return section("近期通报", null, element("ul", { class: "bulletins" }, unit.bulletins.edges.map(({ node }) =>
    element("li", {},
      button(node.title, () => open(node), { class: "link" }),
      tag(BULLETINS[node.kind]),
      element("span", { class: "number" }, node.number), element("time", { datetime: node.issuedAt }, day(node.issuedAt))))));
}
