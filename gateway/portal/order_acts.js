// What can be done with a 督办单: whom it pushes acknowledges and answers; who opened it closes it or gives its answer back.

import { act, inside, text, when } from "./act.js";

const WAITS_FOR_UNIT = ["OPENED", "ACKNOWLEDGED", "RETURNED"];

export const closes = (order, me) =>
  order.unit.path !== me.unit.path && (me.role === "CITY_OFFICE" || inside(order.byUnit.path, me.unit));

const pushed = (...states) => when((order, me) => states.includes(order.status) && inside(order.unit.path, me.unit)
  && !closes(order, me));
const opened = (...states) => when((order, me) => states.includes(order.status) && closes(order, me));

export const ORDER_ACTS = {
  acknowledgeOrder: act("签收督办单", "acknowledgeSupervision", "supervision", [], pushed("OPENED", "RETURNED")),
  answerOrder: act("答复督办单", "answerSupervision", "supervision", [text("answer", "答复内容", "说明办理情况和完成时间")],
    pushed(...WAITS_FOR_UNIT)),
  closeOrder: act("销号", "closeSupervision", "supervision", [text("note", "销号说明", "说明为何可以销号")],
    opened(...WAITS_FOR_UNIT, "ANSWERED")),
  returnOrder: act("退回答复", "returnSupervision", "supervision", [text("reason", "退回理由", "说明还缺什么")], opened("ANSWERED")),
};
