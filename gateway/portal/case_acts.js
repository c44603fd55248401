// What can be done with a case.

import { act, always, choice, inState, inside, line, template, text, when } from "./act.js";

const NOT_FILED = ["RECEIVED", "VERIFYING"];
const NOT_BEGUN = [...NOT_FILED, "FILED", "DISPATCHED"];
const ANSWERS = [["", "未问到"], ["yes", "是"], ["no", "否"]];
const HEARD = { yes: true, no: false };

const visible = (thing) => thing.suggestions.filter((one) => one.case);
const waitsAs = (...kinds) => when((thing) => thing.desk?.some((kind) => kinds.includes(kind)));
// Who was on site says what was seen; how the case is decided otherwise than before, only the desk.
const decides = (me) => me.may.includes("fileCase");
const unfiled = (who) => when((thing, me) => NOT_FILED.includes(thing.status) && who(me));
const pending = (thing) => thing.appeal && thing.appeal.granted === null;
// Of each closing the citizen is asked until they were reached; what was heard stands with a case shown in full.
const isFollowedUp = ({ ratings = [], closings = [] }) =>
  ratings.some((one) => one.ratedBy === "FOLLOW_UP" && one.contacted && one.closing === closings.length);
const numbered = (one) => [one.id, `${one.number} ${one.title}`];
const seen = (things, id) => things.find((one) => one.id === id).version;

const place = choice("placePath", "属地", (thing, page) => [
  ["", `不变（${thing.place.shortName}）`], ...page.unit.children.map((child) => [child.path, child.name]),
], { optional: true });
const category = choice("category", "类别", (thing, page) => [
  ["", `不变（${thing.categoryName}）`], ...page.desk.categories.map((one) => [one.code, `${one.subject} / ${one.name}`]),
], { optional: true });
const urgency = choice("urgency", "紧急程度", () => [
  ["", "不变"], ["NORMAL", "一般"], ["URGENT", "紧急"], ["CRITICAL", "特急"],
], { optional: true });
const kind = choice("requestKind", "诉求类型", () => [
  ["", "不变"], ["COMPLAINT", "投诉"], ["TIP_OFF", "举报"], ["HELP", "求助"], ["ENQUIRY", "咨询"],
  ["SUGGESTION", "建议"], ["PRAISE", "表扬"],
], { optional: true });
const corrections = [category, place, urgency, kind];
// The first report stays with its case, and what a merge brought leaves with that merge.
const separable = ({ receipts: [, ...joined] = [], absorbed = [] }) =>
  joined.filter((one) => !absorbed.some(({ receipts }) => receipts.includes(one)));
const receipt = choice("receipt", "来件", (thing) => separable(thing).map((one) => [one, one]));
const note = text("note", "核实情况", "现场所见");
const reply = text("reply", "答复内容", "写给来电人的答复");
const decision = text("decision", "裁定", "说明依据");

export const CASE_ACTS = {
  file: act("立案", "fileCase", "case", corrections, inState(...NOT_FILED)),
  correct: act("更正", "correctCase", "case", corrections, inState("FILED", "DISPATCHED")),
  confirm: act("确认无误", "confirmCase", "case", [], waitsAs("UNCLEAR", "FACTS_ARRIVED", "FACTS_EXPIRED")),
  answer: act("答复", "answerCase", "case", [template("reply", "answeredAs"), reply], inState(...NOT_FILED)),
  void: act("作废", "voidCase", "case", [
    choice("code", "作废原因", (thing, page) => page.desk.voidReasons.map(({ code, name }) => [code, name])),
    text("reason", "说明", "说明依据"),
  ], inState(...NOT_BEGUN)),
  facts: act("退回补正", "returnForFacts", "case", [text("missing", "需补正的内容", "一次写全，每行一项", { lines: true })],
    when((thing) => NOT_BEGUN.includes(thing.status) && !thing.factsAsked)),
  found: act("核实属实", "verifyCase", "case", [note, ...corrections], { ...unfiled(decides), ...always({ found: true }) }),
  foundOnSite: act("核实属实", "verifyCase", "case", [note],
    { ...unfiled((me) => !decides(me)), ...always({ found: true }) }),
  notFound: act("核实不属实", "verifyCase", "case", [
    note, template("reply"), { ...reply, hint: "写给来电人的答复；留空则作废", optional: true },
  ], { ...inState(...NOT_FILED), ...always({ found: false }) }),
  join: act("并案", "acceptSuggestion", "case", [
    choice("suggested", "并入", (thing) => visible(thing).map((one) => [one.caseId, `${one.number} ${one.case.title}`])),
    text("reason", "并案理由", "说明为何是同一件事"),
  ], {
    when: (thing) => visible(thing).length > 0,
    send: (words, thing) => ({
      ...words, suggestedSeenVersion: visible(thing).find((one) => one.caseId === words.suggested).case.version,
    }),
  }),
  dismiss: act("非重复", "dismissDuplicates", "case", [text("reason", "理由", "说明为何不是同一件事")],
    when((thing) => thing.suggestions.length > 0)),
  merge: act("并入其他案件", "mergeCases", "case", [
    choice("into", "并入", (thing, page) => mergeable(thing, page).map(numbered)), text("reason", "并案理由", "说明为何是同一件事"),
  ], {
    when: (thing) => NOT_BEGUN.includes(thing.status),
    // The command is given to the case that stays: this one becomes part of it.
    send: ({ into, reason }, thing, page) => ({
      id: into, seenVersion: seen(mergeable(thing, page), into), reason,
      others: [{ id: thing.id, seenVersion: thing.version }],
    }),
  }),
  split: act("撤销并案", "splitCase", "case", [
    choice("part", "拆出", (thing) => thing.absorbed.map((one) => [one.caseId, one.number])),
    text("reason", "理由", "说明为何是两件事"),
  ], when((thing) => thing.absorbed?.length > 0)),
  splitReport: act("拆分来件", "splitReport", "case", [receipt],
    when((thing) => separable(thing).length > 0 && NOT_BEGUN.includes(thing.status))),
  close: act("结案", "closeCase", "case", [
    line("condition", "结案条件", "所符合的结案条件", { suggested: (thing) => thing.limit?.closingConditions || [] }),
    template("reply"), { ...reply, given: "proposedReply" },
    text("why", "另定结案条件的理由", "所填条件不在标准之内时说明", { optional: true }),
  ], inState("CHECKING")),
  rework: act("返工", "requestRework", "case", [text("reason", "返工理由", "说明核查发现的问题")], inState("CHECKING")),
  note: act("已阅", "takeNote", "case", [], waitsAs("ESCALATED", "REVISED", "REVISED_LATE", "UNSATISFIED")),
  reopen: act("重办", "reopenCase", "case", [text("reason", "重办理由", "说明为何重新办理")], inState("CLOSED")),
  followUp: act("回访", "followUp", "case", [
    choice("contacted", "是否联系上", () => ANSWERS.slice(1)), choice("solved", "是否解决", () => ANSWERS, { optional: true }),
    choice("satisfied", "是否满意", () => ANSWERS, { optional: true }),
  ], { when: (thing) => thing.status === "CLOSED" && !isFollowedUp(thing), send: heard }),
  appeal: act("超时申诉", "appealTimeout", "case", [text("reason", "申诉理由", "说明超时的客观原因；只能申诉一次")],
    when(({ status, appeal, responsibleUnit: unit }, me) => status === "CLOSED" && !appeal && unit && inside(unit.path, me.unit))),
  grant: act("准予申诉", "decideAppeal", "case", [decision], { ...when(pending), ...always({ granted: true }) }),
  deny: act("驳回申诉", "decideAppeal", "case", [decision], { ...when(pending), ...always({ granted: false }) }),
};

// Other cases of the list that is on the screen.
const mergeable = (thing, page) => (page.cases.list?.edges || []).map(({ node }) => node)
  .filter((one) => one.id !== thing.id && NOT_BEGUN.includes(one.status));

function heard({ contacted, solved, satisfied }) {
  if (contacted === "no") return { contacted: false };
  return { contacted: true, solved: HEARD[solved], satisfied: HEARD[satisfied] };
}
