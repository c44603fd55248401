// Elements made of data. Text only ever enters the page as text.

import { BULLETINS, CASE_STATES, SOURCES, TASK_STATE, TASK_STATES, change, day, moment, number, score } from "./words.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const section = (title, note, ...content) =>
  element("section", { class: "panel" },
    element("h2", {}, title, note ? element("small", {}, note) : null), ...content);

const missing = (what) => element("p", { class: "missing" }, `${what}暂时无法取得，其余内容不受影响。`);

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
  if (!present.length) return section(title, null, element("p", { class: "empty" }, "目前没有。"));
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

export function work(unit, may, act, more) {
  if (unit.work === undefined) return null;
  if (!unit.work) return section("待办任务", null, missing("待办任务"));
  const { edges, totalCount, pageInfo } = unit.work;
  if (!edges.length) return section("待办任务", null, element("p", { class: "empty" }, "没有待办任务。"));
  return section("待办任务", `本单位及下级负责的 ${totalCount} 项，最紧迫的在前`,
    element("ul", { class: "cards" }, edges.map(({ node }) => card(node, may, act))),
    pageInfo.hasNextPage ? element("button", { type: "button", class: "more", onclick: more }, "显示更多") : null);
}

function card(task, may, act) {
  const fresh = task.status === "ISSUED";
  const buttons = [
    fresh && may.includes("acceptTask") && ["签收", "acceptTask", "primary"],
    fresh && may.includes("returnTask") && ["退回", "returnTask", ""],
    !fresh && may.includes("submitTask") && ["申报完成", "submitTask", "primary"],
  ].filter(Boolean);
  return element("li", { class: task.overdue ? "card late" : "card" },
    element("h3", {}, task.title),
    element("p", { class: "facts" },
      element("span", { class: "tag" }, TASK_STATE[task.status]),
      task.overdue ? element("span", { class: "tag late" }, "已逾期") : null,
      task.reworks ? element("span", { class: "tag" }, `返工 ${task.reworks} 次`) : null,
      element("span", {}, `期限 ${moment(task.deadline)}${task.deadlineProvisional ? "（暂定）" : ""}`),
      element("span", {}, `承办 ${task.responsibleUnit.shortName}`),
      element("span", {}, `属地 ${task.place.shortName}`),
      element("span", {}, task.caseNumber ? `案件 ${task.caseNumber}` : SOURCES[task.source])),
    task.routedBecause ? element("p", { class: "why" }, `派遣理由：${task.routedBecause}`) : null,
    element("p", { class: "actions" }, buttons.map(([label, name, kind]) =>
      element("button", { type: "button", class: kind, onclick: () => act(name, "task", task, label) }, label))));
}

export function checking(unit, may, act) {
  if (!may.includes("closeCase") || !unit.checking || !unit.checking.edges.length) return null;
  return section("待核查案件", `共 ${unit.checking.totalCount} 件`,
    element("ul", { class: "cards" }, unit.checking.edges.map(({ node }) => element("li", { class: "card" },
      element("h3", {}, node.title),
      element("p", { class: "facts" }, element("span", { class: "tag" }, node.categoryName),
        element("span", {}, `案件 ${node.number}`), element("span", {}, `属地 ${node.place.shortName}`),
        node.address ? element("span", {}, node.address) : null,
        node.responsibleUnit ? element("span", {}, `承办 ${node.responsibleUnit.shortName}`) : null,
        node.reworks ? element("span", { class: "tag" }, `返工 ${node.reworks} 次`) : null),
      node.proposedReply ? element("p", { class: "why" }, `办理结果：${node.proposedReply}`) : null,
      element("p", { class: "actions" },
        element("button", { type: "button", class: "primary", onclick: () => act("closeCase", "case", node, "结案") }, "结案"),
        element("button", { type: "button", onclick: () => act("requestRework", "case", node, "返工") }, "返工"))))));
}

export function bulletins(unit, open) {
  if (!unit.bulletins) return section("近期通报", null, missing("近期通报"));
  if (!unit.bulletins.edges.length) return section("近期通报", null, element("p", { class: "empty" }, "近期没有通报。"));
  return section("近期通报", null, element("ul", { class: "bulletins" }, unit.bulletins.edges.map(({ node }) =>
    element("li", {},
      element("button", { type: "button", class: "link", onclick: () => open(node) }, node.title),
      element("span", { class: "tag" }, BULLETINS[node.kind]),
      element("span", { class: "number" }, node.number), element("time", { datetime: node.issuedAt }, day(node.issuedAt))))));
}
