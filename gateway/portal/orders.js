// 督办单: the orders that push a unit and those inside it, what must be answered soonest first.

import { element, empty, fact, facts, further, missing, section, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { closes } from "./order_acts.js";
import { ORDER_STATES, TRIGGERS, moment } from "./words.js";

export function orders(page) {
  const { list } = page.orders;
  if (!list) return section("督办单", null, missing("督办单"));
  if (!list.edges.length) return section("督办单", null, empty("没有未销号的督办单。"));
  return section("督办单", "本单位及下级未销号的，最先到期的在前",
    element("ul", { class: "cards" }, list.edges.map(({ node }) => entry(node, page))),
    further(list, () => page.more("orders")));
}

function entry(order, page) {
  const late = order.overdue && order.status !== "ANSWERED";
  return element("li", { class: late ? "card late" : "card" },
    element("h3", {}, order.title),
    facts(
      tag(ORDER_STATES[order.status]), late ? tag("逾期未答复", "late") : null,
      unjudged(order),
      order.returns ? tag(`答复被退回 ${order.returns} 次`) : null,
      fact(order.number), fact(`${moment(order.openedAt)} 下达`), fact(`应于 ${moment(order.answerBy)} 前答复`),
      fact(`被督办 ${order.unit.shortName}`), fact(`督办 ${order.byUnit.shortName}`)),
    why(`${TRIGGERS[order.trigger]}：${order.because}`),
    said(order),
    offers(["acknowledgeOrder", "answerOrder", "closeOrder", "returnOrder"], order, page,
      { calm: order.status !== "ANSWERED" && closes(order, page.me) }));
}

/** Until when its issuer judges the answer, or that this time has passed. */
export function unjudged(order) {
  if (order.status !== "ANSWERED" || !order.judgeBy) return null;
  return order.leftOpen ? tag("逾期未审核", "late") : fact(`应于 ${moment(order.judgeBy)} 前审核`);
}

function said(order) {
  const answer = order.status === "ANSWERED" && order.history.findLast((step) => step.what === "answered");
  return answer ? why(`答复：${answer.note}`) : null;
}
