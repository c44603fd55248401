// A task as one entry of a list.

import { button, element, fact, facts, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { SOURCES, TASK_STATE, moment } from "./words.js";

// `first` are tags before the others, `told` is said below; `acts` are offered where they fit.
export function card(task, page, { acts, first = [], told = null }) {
  return element("li", { class: task.overdue ? "card late" : "card" },
    element("h3", {}, task.title),
    facts(first, tags(task),
      fact(`期限 ${moment(task.deadline)}${task.deadlineProvisional ? "（暂定）" : ""}`),
      fact(`承办 ${task.responsibleUnit.shortName}`),
      fact(`属地 ${task.place.shortName}`),
      fact(task.caseNumber ? `案件 ${task.caseNumber}` : SOURCES[task.source])),
    told,
    task.routedBecause ? why(`派遣理由：${task.routedBecause}`) : null,
    offers(acts, task, page, {
      others: [button("详情", () => page.openTask(task.id), { "aria-label": `详情：${task.title}` })],
    }));
}

export const tags = (task) => [
  tag(TASK_STATE[task.status]),
  task.overdue ? tag("已逾期", "late") : task.dueSoon ? tag("将到期", "soon") : null,
  task.role === "ASSIST" ? tag("协办") : null,
  task.reworks ? tag(`返工 ${task.reworks} 次`) : null,
  task.progressPercent ? tag(`已完成 ${task.progressPercent}%`) : null,
  task.status === "SUSPENDED" && task.suspendedUntil ? tag(`至 ${moment(task.suspendedUntil)}`) : null,
];
