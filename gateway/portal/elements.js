// Elements made of data. Text only ever enters the page as text.

import { ACTS, possible } from "./acts.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const section = (title, note, ...content) =>
  element("section", { class: "panel" },
    element("h2", {}, title, note ? element("small", {}, note) : null), ...content);

export const missing = (what) => element("p", { class: "missing" }, `${what}暂时无法取得，其余内容不受影响。`);

export const empty = (words) => element("p", { class: "empty" }, words);

export const tag = (words, kind = "") => element("span", { class: `tag ${kind}` }, words);

export const fact = (words) => element("span", {}, words);

export const further = (list, more) =>
  list.pageInfo.hasNextPage ? element("button", { type: "button", class: "more", onclick: more }, "显示更多") : null;

// The first is what is expected next, unless nothing is (`calm`).
export function buttons(names, thing, may, act, calm = false) {
  const shown = possible(names, thing, may);
  return shown.length ? element("p", { class: "actions" }, shown.map((name, place) => element("button",
    {
      type: "button", class: place || calm ? "" : "primary", "aria-label": `${ACTS[name].label}：${thing.title}`,
      onclick: () => act(name, thing),
    }, ACTS[name].label))) : null;
}
