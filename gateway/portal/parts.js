// 主办、协办、下级: who has which part of a task, until when, and how far it is.

import { button, element, fact, facts, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { ROLES_IN_TASK, TASK_STATE, moment } from "./words.js";

export function parts(task, page) {
  if (!task.parts?.length) return null;
  return element("section", {}, element("h3", {}, "分工"),
    element("ul", { class: "cards" }, lead(task), task.parts.map((part) => entry(part, task, page))));
}

const lead = (task) => element("li", { class: "card" },
  element("p", {}, element("strong", {}, task.responsibleUnit.shortName)),
  facts(tag("主办"), tag(TASK_STATE[task.status]), fact(`期限 ${moment(task.deadline)}`)));

function entry(part, task, page) {
  return element("li", { class: part.overdue ? "card late" : "card" },
    element("p", {}, element("strong", {}, part.unit.shortName)),
    facts(tag(ROLES_IN_TASK[part.role]), tag(TASK_STATE[part.status]), part.overdue ? tag("已逾期", "late") : null,
      part.progressPercent === null ? null : tag(`已完成 ${part.progressPercent}%`), fact(`期限 ${moment(part.deadline)}`)),
    why(part.words),
    offers(["pass", "rectify", "withdraw"], asTask(part, task), page, {
      calm: part.status !== "SUBMITTED",
      others: part.task ? [button("详情", () => page.openTask(part.taskId), { "aria-label": `详情：${part.unit.shortName}` })] : [],
    }));
}

// A part is checked and withdrawn by the unit that gave it, as a task of its own.
const asTask = (part, whole) => ({
  id: part.taskId, version: part.version, status: part.status, role: part.role, parent: whole, source: whole.source,
  responsibleUnit: part.unit, answersTo: whole.responsibleUnit, title: `${part.unit.shortName}：${part.words}`, requests: [],
});
