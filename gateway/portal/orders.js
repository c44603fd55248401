// 督办单: the orders that push a unit and those inside it, what must be answered soonest first.

import { buttons, element, empty, fact, further, missing, section, tag } from "./elements.js";
import { ORDER_STATES, TRIGGERS, moment } from "./words.js";

export function orders(page, act, more) {
  const list = page.orders;
  if (!list) return section("督办单", null, missing("督办单"));
  if (!list.edges.length) return section("督办单", null, empty("没有未销号的督办单。"));
  return section("督办单", "本单位及下级未销号的，最先到期的在前",
    element("ul", { class: "cards" }, list.edges.map(({ node }) => card(node, page.me, act))), further(list, more));
}

function card(order, me, act) {
  const late = order.overdue && order.status !== "ANSWERED";
  return element("li", { class: late ? "card late" : "card" },
    element("h3", {}, order.title),
    element("p", { class: "facts" },
      tag(ORDER_STATES[order.status]), late ? tag("逾期未答复", "late") : null,
      order.returns ? tag(`答复被退回 ${order.returns} 次`) : null,
      fact(order.number), fact(`${moment(order.openedAt)} 下达`), fact(`应于 ${moment(order.answerBy)} 前答复`),
      fact(`被督办 ${order.unit.shortName}`), fact(`督办 ${order.byUnit.shortName}`)),
    element("p", { class: "why" }, `${TRIGGERS[order.trigger]}：${order.because}`),
    said(order),
    buttons(actsFor(order, me), order, me.may, act, order.status !== "ANSWERED" && closes(order, me)));
}

function said(order) {
  const answer = order.status === "ANSWERED" && order.history.findLast((step) => step.what === "answered");
  return answer ? element("p", { class: "why" }, `答复：${answer.note}`) : null;
}

const inside = (path, unit) => path === unit.path || path.startsWith(`${unit.path}/`);

// Who opened it closes it or gives its answer back; the others whom it pushes acknowledge and answer.
const closes = (order, me) =>
  order.unit.path !== me.unit.path && (me.role === "CITY_OFFICE" || inside(order.byUnit.path, me.unit));

function actsFor(order, me) {
  if (closes(order, me)) return ["closeOrder", "returnOrder"];
  return inside(order.unit.path, me.unit) ? ["acknowledgeOrder", "answerOrder"] : [];
}
