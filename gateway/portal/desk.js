// The desk: what needs a person, in its order; for each what it waits for, since when, until when, and what can be done.

import { buttons, element, empty, fact, further, missing, section, tag } from "./elements.js";
import { CHANNELS, DESK_KINDS, REQUEST_KINDS, URGENCIES, moment } from "./words.js";

const ACTS_FOR = {
  APPEAL: ["grant", "deny"],
  CHECK: ["close", "rework"],
  FACTS_ARRIVED: ["file", "confirm", "answer", "void"],
  FACTS_EXPIRED: ["void", "answer", "file", "confirm"],
  VERIFY: ["found", "notFound", "facts"],
  ENQUIRY: ["answer", "file", "facts", "void"],
  UNCLEAR: ["file", "confirm", "correct", "facts", "void"],
  DUPLICATE: ["join", "dismiss"],
  REVISED_LATE: ["note", "reopen"],
  UNSATISFIED: ["note", "reopen"],
  FOLLOW_UP: ["followUp"],
};

export function desk(page, act, more, choose) {
  const { queue, kind } = page.desk;
  if (!queue) return section("工作台", null, missing("工作台"));
  return section("工作台", "需要人工处理的案件，按紧急程度和时限排列", filter(kind, choose),
    queue.edges.length
      ? element("ol", { class: "cards" }, queue.edges.map(({ node }) => entry(node, page.me.may, act)))
      : empty(kind ? "没有此类事项。" : "没有需要人工处理的案件。"),
    further(queue, more));
}

const filter = (kind, choose) => element("label", { class: "filter" }, "事由",
  element("select", { id: "desk-kind", onchange: (event) => choose(event.target.value) }, [["", "全部"], ...Object.entries(DESK_KINDS)].map(
    ([value, words]) => element("option", { value, selected: value === kind }, words))));

function entry({ kinds, since, dueAt, case: matter }, may, act) {
  return element("li", { class: "card matter" },
    element("h3", {}, matter.title),
    element("p", { class: "facts" },
      kinds.map((kind) => tag(DESK_KINDS[kind])),
      matter.urgency === "NORMAL" ? null : tag(URGENCIES[matter.urgency], "late"),
      fact(`自 ${moment(since)} 起等待`), fact(`应于 ${moment(dueAt)} 前处理`)),
    element("p", { class: "facts" },
      fact(`案件 ${matter.number}`), fact(matter.categoryName), fact(REQUEST_KINDS[matter.requestKind]),
      fact(`属地 ${matter.place.shortName}`), fact(`来自 ${matter.channels.map((one) => CHANNELS[one]).join("、")}`),
      matter.responsibleUnit ? fact(`承办 ${matter.responsibleUnit.shortName}`) : null,
      matter.reworks ? tag(`返工 ${matter.reworks} 次`) : null),
    kinds.flatMap((kind) => because(kind, matter)).map((line) => element("p", { class: "why" }, line)),
    element("details", {}, element("summary", {}, "来件内容"),
      element("p", { class: "words" }, matter.text), matter.address ? element("p", { class: "why" }, `地址：${matter.address}`) : null),
    buttons(kinds.flatMap((kind) => ACTS_FOR[kind]), matter, may, act));
}

function because(kind, matter) {
  const { factsAsked: asked } = matter;
  switch (kind) {
    case "APPEAL": return [`申诉理由：${matter.appeal.reason}`];
    case "CHECK": return matter.proposedReply ? [`办理结果：${matter.proposedReply}`] : [];
    case "UNCLEAR": return [`研判依据：${matter.reasons.map((one) => one.text).join("。")}`];
    case "DUPLICATE": return matter.suggestions.map((one) => `疑似与 ${one.number} 重复：${one.why}`);
    case "FACTS_ARRIVED":
    case "FACTS_EXPIRED": return [`已告知补正：${asked.missing.join("；")}（期限 ${moment(asked.due)}）`];
    default: return [];
  }
}
