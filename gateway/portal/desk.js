// The desk: what needs a person, in its order; for each what it waits for, since when, until when, and what can be done.

import { button, element, empty, fact, facts, filter, further, missing, section, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { CHANNELS, DESK_KINDS, REQUEST_KINDS, URGENCIES, moment } from "./words.js";

const ACTS_FOR = {
  APPEAL: ["grant", "deny"],
  CHECK: ["close", "rework"],
  FACTS_ARRIVED: ["file", "confirm", "answer", "void"],
  FACTS_EXPIRED: ["void", "answer", "file", "confirm"],
  VERIFY: ["found", "foundOnSite", "notFound", "facts"],
  ENQUIRY: ["answer", "file", "facts", "void"],
  UNCLEAR: ["file", "confirm", "correct", "facts", "void"],
  DUPLICATE: ["join", "dismiss"],
  ESCALATED: ["note", "correct"],
  REVISED: ["note", "correct"],
  REVISED_LATE: ["note", "reopen"],
  UNSATISFIED: ["note", "reopen"],
  FOLLOW_UP: ["followUp"],
};

export function desk(page) {
  const { list, filter: chosen } = page.desk;
  if (!list) return section("工作台", null, missing("工作台"));
  return section("工作台", "需要人工处理的案件，按紧急程度和时限排列",
    filter("desk-filter", "事由", [["", "全部"], ...Object.entries(DESK_KINDS)], chosen, (kind) => page.choose("desk", kind)),
    list.edges.length
      ? element("ol", { class: "cards" }, list.edges.map(({ node }) => entry(node, page)))
      : empty(chosen ? "没有此类事项。" : "没有需要人工处理的案件。"),
    further(list, () => page.more("desk")));
}

function entry({ kinds, since, dueAt, case: matter }, page) {
  return element("li", { class: "card matter" },
    element("h3", {}, matter.title),
    facts(kinds.map((kind) => tag(DESK_KINDS[kind])),
      matter.urgency === "NORMAL" ? null : tag(URGENCIES[matter.urgency], "late"),
      fact(`自 ${moment(since)} 起等待`), fact(`应于 ${moment(dueAt)} 前处理`)),
    matterFacts(matter),
    kinds.flatMap((kind) => because(kind, matter)).map(why),
    element("details", {}, element("summary", {}, "来件内容"), wordsOf(matter)),
    offers(kinds.flatMap((kind) => ACTS_FOR[kind]), matter, page, {
      others: [button("详情", () => page.openCase(matter.id), { "aria-label": `详情：${matter.title}` })],
    }));
}

export const matterFacts = (matter) => facts(
  fact(`案件 ${matter.number}`), fact(matter.categoryName), fact(REQUEST_KINDS[matter.requestKind]),
  fact(`属地 ${matter.place.shortName}`), fact(`来自 ${matter.channels.map((one) => CHANNELS[one]).join("、")}`),
  matter.responsibleUnit ? fact(`承办 ${matter.responsibleUnit.shortName}`) : null,
  matter.demandedBy ? fact(`来件要求 ${moment(matter.demandedBy)} 前`) : null,
  matter.endsAfterDemand ? tag("时限晚于来件要求", "late") : null,
  matter.reworks ? tag(`返工 ${matter.reworks} 次`) : null);

export const wordsOf = (matter) => [
  element("p", { class: "words" }, matter.text), matter.address ? why(`地址：${matter.address}`) : null,
];

function because(kind, matter) {
  const { factsAsked: asked } = matter;
  switch (kind) {
    case "APPEAL": return [`申诉理由：${matter.appeal.reason}`];
    case "CHECK": return matter.proposedReply ? [`办理结果：${matter.proposedReply}`] : [];
    case "UNCLEAR": return [`研判依据：${matter.reasons.map((one) => one.text).join("。")}`];
    case "DUPLICATE": return matter.suggestions.map((one) => `疑似与 ${one.number} 重复：${one.why}`);
    case "ESCALATED": return [`更紧急或要求更高的来件：${matter.escalatedBy.join("、")}`];
    case "REVISED": return [`有修改的来件：${matter.revised.join("、")}`];
    case "FACTS_ARRIVED":
    case "FACTS_EXPIRED": return [`已告知补正：${asked.missing.join("；")}（期限 ${moment(asked.due)}）`];
    default: return [];
  }
}
