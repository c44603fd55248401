// What can be done with what came and could not be taken in.

import { act, text, when } from "./act.js";

export const MISFIT_ACTS = {
  // What came holds personal data: what is written of it stays on the screen and in no storage.
  resubmit: act("更正重报", "resubmitMisfit", "misfit", [
    text("raw", "更正后的来件", "按渠道的格式填写完整的来件", { given: "raw", rows: 14, longest: 60_000 }),
  ], { when: (misfit) => misfit.state === "WAITING" && misfit.raw !== undefined, private: true }),
  discard: act("弃置", "discardMisfit", "misfit", [text("reason", "弃置理由", "说明为何不再处理；将记录在案")],
    when((misfit) => misfit.state === "WAITING")),
};
