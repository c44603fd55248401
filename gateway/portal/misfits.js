// 不能识别的来件: what a channel sent and intake could not take in. Only the reason is listed; who opens what came is recorded.

import * as ask from "./ask.js";
import { openWide } from "./dialog.js";
import { button, element, empty, fact, facts, filter, further, missing, section, tag, why } from "./elements.js";
import { offers } from "./offers.js";
import { CHANNELS, MISFIT_STATES, moment } from "./words.js";

export function misfits(page) {
  const { list, filter: chosen } = page.misfits;
  if (!list) return section("不能识别的来件", null, missing("不能识别的来件"));
  return section("不能识别的来件", `渠道报送而未能收下的，最新的在前；待更正 ${list.waiting} 件`,
    filter("misfits-filter", "处理情况", [...Object.entries(MISFIT_STATES), ["", "全部"]], chosen,
      (state) => page.choose("misfits", state)),
    list.edges.length
      ? element("ul", { class: "cards" }, list.edges.map(({ node }) => entry(titled(node), page)))
      : empty("没有此类来件。"),
    further(list, () => page.more("misfits")));
}

const titled = (misfit) => ({ ...misfit, title: `${CHANNELS[misfit.channel]}来件` });

const entry = (misfit, page) => element("li", { class: "card" },
  element("h3", {}, misfit.title),
  facts(tag(MISFIT_STATES[misfit.state]), fact(`${moment(misfit.receivedAt)} 收到`),
    misfit.field ? fact(`字段 ${misfit.field}`) : null),
  why(`未能收下：${misfit.reason}`),
  ended(misfit),
  offers(["discard"], misfit, page, {
    calm: true, others: [button("打开原文", () => open(misfit, page), { "aria-label": `打开原文：${misfit.title}` })],
  }));

function ended({ state, endedBy, endedAt, receipt, why: because }) {
  if (state === "WAITING") return null;
  const outcome = state === "RESUBMITTED" ? `回执 ${receipt}` : `理由：${because}`;
  return why(`${moment(endedAt)} 由${endedBy}${state === "RESUBMITTED" ? "更正重报" : "弃置"}，${outcome}`);
}

const read = ({ at, name, unit }) => element("li", {}, `${moment(at)} ${name}（${unit}）`);

async function open({ id }, page) {
  try {
    const misfit = titled(await ask.openMisfit(id));
    openWide(misfit.title,
      why(`未能收下：${misfit.reason}`),
      element("pre", { class: "raw", tabindex: 0 }, misfit.raw),
      element("details", {}, element("summary", {}, `查看记录（${misfit.reads.length}）`),
        element("ul", { class: "steps" }, misfit.reads.map(read))),
      offers(["resubmit", "discard"], misfit, page) || null,
      page.closing());
  } catch (error) {
    page.refused(error);
  }
}
