// One case in full: what was said, what was found, how it ended, what became of it; and what can be done about it.

import * as ask from "./ask.js";
import { Refusal } from "./asking.js";
import { matterFacts, wordsOf } from "./desk.js";
import { element, fact, facts, link, tag, why } from "./elements.js";
import { history } from "./history.js";
import { offers } from "./offers.js";
import { CASE_STATE, CHANNELS, RATED_BY, TASK_STATE, URGENCIES, moment, yesNo } from "./words.js";

const ACTS_OF_DESK = [
  "close", "rework", "found", "foundOnSite", "notFound", "answer", "file", "confirm", "correct", "facts", "join",
  "dismiss", "merge", "split", "splitReport", "followUp", "note", "reopen", "appeal", "grant", "deny", "void",
];

export function caseDetails(matter, page) {
  const hears = page.me.may.includes("answerCase");
  return [
    facts(tag(CASE_STATE[matter.status]), matter.urgency === "NORMAL" ? null : tag(URGENCIES[matter.urgency], "late"),
      matter.difficult ? tag("疑难") : null, fact(`${moment(matter.receivedAt)} 受理`),
      matter.filedAt ? fact(`${moment(matter.filedAt)} 立案`) : null,
      matter.closedAt ? fact(`${moment(matter.closedAt)} 结案`) : null),
    matterFacts(matter),
    wordsOf(matter),
    matter.reports.totalCount > 1 ? reports(matter.reports) : null,
    offers(ACTS_OF_DESK, matter, page, { calm: true }),
    said(matter, hears).map(why),
    links(matter, page),
    hears ? answers(matter) : null,
    history(matter.history.map(({ what, by, at, why: note }) => ({ what, by, at, note }))),
  ];
}

// What each report says; the case itself speaks with the words of the first.
const reports = ({ totalCount, edges }) => element("details", {},
  element("summary", {}, `各来件内容（共 ${totalCount} 件${edges.length < totalCount ? `，显示前 ${edges.length} 件` : ""}）`),
  edges.map(({ node: { receipt, channel, receivedAt, revision, text } }) => element("p", { class: "words" },
    `${receipt}（${CHANNELS[channel]}，${moment(receivedAt)}${revision ? `，已修改 ${revision} 次` : ""}）：${text}`)));

const demandsOf = ({ receipt, handedOverAt, deadlines, facts: also }) => {
  const named = [handedOverAt && `交办时间 ${moment(handedOverAt)}`,
    ...deadlines.map((one) => `${one.name} ${moment(one.until)}`), ...also.map((one) => `${one.name}：${one.said}`)];
  const said = named.filter(Boolean);
  return said.length ? `来件所注（${receipt}）：${said.join("；")}` : null;
};

// Who `hears` citizens' own answers has them with their words below.
function said(matter, hears) {
  const { verification, factsAsked, appeal, limit } = matter;
  return [
    `回执：${matter.receipts.join("、")}`,
    ...matter.reports.edges.map(({ node }) => demandsOf(node)),
    matter.reasons.length && `研判依据：${matter.reasons.map((one) => one.text).join("。")}`,
    limit && `时限：${limit.words}（${limit.why}）`,
    verification && seenOnSite(verification),
    factsAsked && `已告知补正：${factsAsked.missing.join("；")}（期限 ${moment(factsAsked.due)}）`,
    matter.proposedReply && `办理结果：${matter.proposedReply}`,
    matter.reply && `答复：${matter.reply}`,
    ...matter.closings.map((one) => `${moment(one.at)} 结案：${one.condition}（${one.by}）`),
    ...matter.ratings.filter((one) => !hears || one.ratedBy !== "CITIZEN")
      .map((one) => `${RATED_BY[one.ratedBy]}：${rated(one)}（${moment(one.at)}）`),
    appeal && `超时申诉：${appeal.reason}（${appeal.by}）。${judged(appeal)}`,
    ...matter.absorbed.map((one) => `已并入：${one.number}（${one.receipts.join("、")}）`),
    ...matter.suggestions.map((one) => `疑似与 ${one.number} 重复：${one.why}`),
    matter.photos.length && `照片：${matter.photos.map((one) => one.reference).join("，")}`,
  ].filter(Boolean);
}

const seenOnSite = ({ found, note, by, at }) => `核实${found ? "属实" : "不属实"}：${note}（${by}，${moment(at)}）`;

const rated = ({ contacted, solved, satisfied }) =>
  [yesNo(contacted, "已联系", "未联系上"), yesNo(solved, "已解决", "未解决"), yesNo(satisfied, "满意", "不满意")].join("，");

const judged = ({ granted, decision, decidedBy }) =>
  (granted === null ? "待裁定" : `${granted ? "准予" : "驳回"}：${decision}（${decidedBy}）`);

function links({ task, mergedInto }, page) {
  return facts(
    task && link("任务", `${task.title}（${TASK_STATE[task.status]}）`, () => page.openTask(task.id)),
    mergedInto && link("已并入", mergedInto.number, () => page.openCase(mergedInto.id)));
}

// What citizens said themselves comes after the rest: it is asked for by itself.
function answers({ id }) {
  const place = element("div");
  const fill = async () => {
    try {
      const given = await ask.citizenAnswers(id);
      const line = (one) => `市民评价：${rated(one)}${one.words ? `。${one.words}` : ""}（${moment(one.at)}）`;
      place.append(...given.map((one) => why(line(one))));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      place.append(why("市民评价暂时无法取得。"));
    }
  };
  fill();
  return place;
}
