// One task in full: whose duty, by when and why, what was asked for, who has which part, materials, history; and what
// can be done about it.

import { element, fact, facts, link, why } from "./elements.js";
import { history } from "./history.js";
import { materials } from "./materials.js";
import { offers } from "./offers.js";
import { parts } from "./parts.js";
import { inside } from "./act.js";
import { tags } from "./task_card.js";
import { SOURCES, asks, moment, step, who } from "./words.js";

const ACTS_OF_UNIT = [
  "accept", "progress", "selfCheck", "submit", "resume", "giveBack", "delegate", "assist",
  "askExtension", "askSuspension", "raise",
];
const ACTS_ABOVE = ["allow", "refuse", "pass", "rectify", "supervise", "assign", "reroute", "withdraw"];
const ENDED = ["RETURNED", "VERIFIED", "CLOSED", "WITHDRAWN"];

export function taskDetails(task, page) {
  const { me } = page;
  const adds = me.may.includes("uploadTicket") && !ENDED.includes(task.status) && inside(task.responsibleUnit.path, me.unit);
  return [
    facts(tags(task), fact(task.caseNumber ? `案件 ${task.caseNumber}` : SOURCES[task.source])),
    facts(fact(`承办 ${task.responsibleUnit.shortName}`), fact(`属地 ${task.place.shortName}`),
      task.answersTo ? fact(`对 ${task.answersTo.shortName} 负责`) : null,
      task.leadDepartment ? fact(`牵头 ${task.leadDepartment.shortName}`) : null),
    facts(fact(`${moment(task.issuedAt)} 下达`),
      fact(`期限 ${moment(task.deadline)}${task.deadlineProvisional ? "（暂定）" : ""}`),
      task.yellowCards ? fact(`黄牌 ${task.yellowCards}`) : null, task.redCards ? fact(`红牌 ${task.redCards}`) : null),
    task.deadlineBecause ? why(`期限依据：${task.deadlineBecause}`) : null,
    task.routedBecause ? why(`派遣理由：${task.routedBecause}`) : null,
    offers(ACTS_OF_UNIT, task, page),
    offers(ACTS_ABOVE, task, page, { calm: true }),
    links(task, page),
    parts(task, page),
    requests(task),
    materials(task, { adds, changed: (problem) => page.again().then(() => page.openTask(task.id, problem)) }),
    history(task.history.map(({ what, by, byUnit, at, note }) => ({ what: step(what), by: who(by, byUnit), at, note }))),
  ];
}

function links(task, page) {
  const { parent, lead, case: matter } = task;
  return facts(
    parent && link("上级任务", parent.title, () => page.openTask(parent.taskId)),
    lead && link("主办任务", lead.title, () => page.openTask(lead.taskId)),
    matter && link("案件", matter.number, () => page.openCase(matter.id)));
}

function requests({ requests: asked }) {
  if (!asked.length) return null;
  return element("section", {}, element("h3", {}, "申请"),
    element("ul", { class: "steps" }, asked.map((one) => element("li", {}, `${asks(one)}。${decided(one)}`))));
}

const decided = ({ decidedAt, decidedBy, granted, why: because }) =>
  (decidedAt === null ? "待决定" : `${decidedBy} ${granted ? "同意" : "不同意"}${because ? `：${because}` : ""}`);
