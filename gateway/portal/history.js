// What happened to a thing: each step with who, when and what was said.

import { element } from "./elements.js";
import { moment } from "./words.js";

export const history = (steps) => element("details", { class: "history" }, element("summary", {}, `经过（${steps.length} 步）`),
  element("ol", { class: "steps" }, steps.map(({ what, by, at, note }) => element("li", {},
    element("time", { datetime: at }, moment(at)), " ", element("strong", {}, what), ` ${by}`,
    note ? element("span", { class: "why" }, `：${note}`) : null))));
