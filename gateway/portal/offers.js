// The acts that an officer may do with a thing, as buttons.

import { ACTS, possible } from "./acts.js";
import { button, element } from "./elements.js";

// The first is what is expected next, unless nothing is (`calm`); `others` are buttons that are always there.
export function offers(names, thing, page, { calm = false, others = [] } = {}) {
  const shown = possible(names, thing, page.me).map((name, place) => button(ACTS[name].label, () => page.act(name, thing), {
    class: place || calm ? null : "primary", "aria-label": `${ACTS[name].label}：${thing.title}`,
  }));
  const all = [...shown, ...others];
  return all.length ? element("p", { class: "actions" }, all) : null;
}
