// How an act is done: its questions in a dialog, its command, and what is said when it is refused.

import * as ask from "./ask.js";
import { ACTS, possible } from "./acts.js";
import { close, openDialog } from "./dialog.js";
import * as drafts from "./drafts.js";
import { button, element } from "./elements.js";
import * as forms from "./forms.js";
import { moment, step } from "./words.js";

// Opens the form of the act `name` about `thing`. `page` has what the questions need, and what is to be told.
export async function act(page, name, thing) {
  const chosen = ACTS[name], about = `${chosen.command}:${name}:${thing.id}`;
  try {
    if (chosen.needs) await page.need(chosen.needs);
  } catch (error) {
    return page.refused(error);
  }
  const before = drafts.kept(about);
  const form = element("form", {
    onsubmit: (event) => send(event, { page, name, chosen, thing, about }),
    oninput: () => drafts.keep(about, forms.written(form, chosen.questions), chosen.private),
  },
  element("p", {}, thing.title),
  before ? element("p", { class: "hint" }, "已恢复上次未提交的内容。") : null,
  ...forms.fields(chosen.questions, thing, page, before),
  element("div", { class: "problem", role: "alert" }),
  element("p", { class: "actions" },
    element("button", { type: "submit", class: "primary" }, `确认${chosen.label}`), button("取消", close)));
  openDialog(chosen.label, form);
}

async function send(event, doing) {
  event.preventDefault();
  const { page, chosen, thing, about } = doing, form = event.target;
  const confirm = form.querySelector("[type=submit]");
  confirm.disabled = true;
  try {
    await ask.command(chosen.command, chosen.noun, thing, forms.words(form, chosen, thing, page));
  } catch (error) {
    confirm.disabled = false;
    return failed(error, form, doing);
  }
  drafts.forget(about);
  close();
  await page.again();
  page.notice(`${done(chosen.label)}：${thing.title}`, "good");
}

const done = (label) => (label.startsWith("已") ? label : `已${label}`);

// What was written stays in the form, and is kept where the officer has to come in anew.
function failed(error, form, doing) {
  const { page, chosen, about } = doing, { code } = error.problem || {};
  if (code === "unauthenticated") {
    drafts.keep(about, forms.written(form, chosen.questions), chosen.private);
    close();
    page.refused(error);
  } else if (code === "stale") {
    drafts.keep(about, forms.written(form, chosen.questions), chosen.private);
    tell(form, changed(error.problem), button("重新载入", () => reload(form, doing)));
  } else if (code) {
    tell(form, error.message);
  } else {
    tell(form, "页面出错，未能提交；您填写的内容仍在，请重试");
    throw error;
  }
}

function tell(form, ...words) {
  form.querySelector(".problem").replaceChildren(...words);
}

// Who changed what, as far as the service tells.
export function changed({ changed_by: by, changed_at: at, changed_what: what, detail_zh: words }) {
  if (!by) return words;
  return `${by}于${moment(at)}已作更改（${step(what)}），您看到的不是最新情况。您填写的内容仍在，重新载入后可继续。`;
}

// The thing as it is now, with what was written; where the act no longer fits, that is said and the words stay to be copied.
async function reload(form, { page, name, chosen, thing }) {
  try {
    await page.again();
    const now = await page.fresh(chosen.of || chosen.noun, thing);
    if (now && possible([name], now, page.me).length) return await act(page, name, now);
    tell(form, `现在已不能${chosen.label}；如需留用，请先复制您填写的内容。`);
  } catch (error) {
    tell(form, error.message);
  }
}
