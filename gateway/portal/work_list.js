// 工作清单: what the unit itself has to do or to decide, whatever the source, what hurts first first.

import { button, element, empty, fact, facts, filter, further, missing, section, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { unjudged } from "./orders.js";
import { card } from "./task_card.js";
import { waiting } from "./task_acts.js";
import { WORK_GROUPS, WORK_KINDS, asks, moment } from "./words.js";

const COUNTED = { OVERDUE: "overdue", DECISION: "decision", DUE_SOON: "dueSoon", RUNNING: "running", WAITING: "waiting" };
const DECISIONS = ["extension", "suspension", "raise"];

export function workList(page) {
  const { list, filter: chosen } = page.duties;
  if (!list) return section("工作清单", null, missing("工作清单"));
  const groups = Object.entries(WORK_GROUPS).map(([group, words]) => [group, `${words}（${list.counts[COUNTED[group]]}）`]);
  return section("工作清单", "本单位要办理或决定的，最紧迫的在前",
    filter("duties-filter", "分组", [["", "全部"], ...groups], chosen, (group) => page.choose("duties", group)),
    list.edges.length
      ? element("ul", { class: "cards" }, list.edges.map(({ node }) => entry(node, page)))
      : empty("没有要办理或决定的事项。"),
    further(list, () => page.more("duties")));
}

function entry({ kind, supervision, task, selfCheckDue }, page) {
  if (supervision) return pushed(kind, supervision, task, page);
  if (!task) return null;
  const first = [tag(WORK_KINDS[kind])];
  if (DECISIONS.includes(kind)) return card(task, page, { first, acts: ["allow", "refuse"], told: asked(task) });
  // Of a case only parts wait to be verified by a unit.
  if (kind === "verification") return card({ ...task, isPart: task.source === "CASE" }, page, { first, acts: ["pass", "rectify"] });
  const due = selfCheckDue ? [tag(`应于 ${moment(selfCheckDue)} 前自查`, "soon")] : [];
  return card(task, page, { first: due, acts: ["accept", "selfCheck", "submit", "progress", "resume", "giveBack"] });
}

function pushed(kind, order, task, page) {
  return element("li", { class: order.overdue ? "card late" : "card" },
    element("h3", {}, order.title),
    facts(tag(WORK_KINDS[kind]), unjudged(order), fact(order.number), fact(`应于 ${moment(order.answerBy)} 前答复`),
      fact(`督办 ${order.byUnit.shortName}`)),
    why(order.because),
    offers(["acknowledgeOrder", "answerOrder", "closeOrder", "returnOrder"], order, page,
      { others: task ? [button("任务详情", () => page.openTask(task.id), { "aria-label": `任务详情：${task.title}` })] : [] }));
}

const asked = (task) => (waiting(task) ? why(asks(waiting(task))) : null);
