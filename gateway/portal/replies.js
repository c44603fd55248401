// 答复模板: a reply made from a template with what is known of the case; what was written before can be had back.

import * as ask from "./ask.js";
import { button, element } from "./elements.js";

// The choice of a template, which fills in the answer to the question `fills` of the form that it stands in.
export function replyTemplate({ key, label, fills }, thing, page) {
  const told = element("span", { class: "hint", role: "status" });
  const chosen = element("select", { name: key, "aria-label": label },
    [["", "不使用模板"], ...page.desk.templates.map(({ code, name }) => [code, name])].map(
      ([value, words]) => element("option", { value }, words)));
  const before = button("恢复原文", () => restore(), { hidden: true });
  const target = () => chosen.closest("form").querySelector(`[name=${fills}]`);
  let earlier = "";

  function put(words) {
    target().value = words;
    target().dispatchEvent(new Event("input", { bubbles: true }));
  }

  function restore() {
    put(earlier);
    before.hidden = true;
    told.textContent = "";
  }

  async function fill() {
    if (!chosen.value) return;
    told.textContent = "正在套用……";
    try {
      const draft = await ask.draftReply(thing.id, chosen.value);
      if (before.hidden) earlier = target().value;
      put(draft.text);
      before.hidden = false;
      told.textContent = draft.missing.length ? "已套用，请补全文中〔待填：…〕各处" : "已套用，可再修改";
    } catch (error) {
      told.textContent = error.message;
    }
  }

  return element("div", { class: "template" },
    element("label", {}, `${label}（可不填）`, chosen), button("套用", fill), before, told);
}
