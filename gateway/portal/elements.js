// Elements made of data. Text only ever enters the page as text.

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

export const tag = (words, kind = "") => element("span", { class: `tag ${kind}`.trim() }, words);

export const fact = (words) => element("span", {}, words);

export const facts = (...of) => element("p", { class: "facts" }, ...of);

export const why = (words) => element("p", { class: "why" }, words);

export const button = (words, onclick, more = {}) => element("button", { type: "button", onclick, ...more }, words);

// What leads to another thing, with what that is to this one.
export const link = (label, words, onclick) =>
  element("span", {}, `${label}：`, button(words, onclick, { class: "link" }));

export const further = (list, more) =>
  list.pageInfo.hasNextPage ? button("显示更多", more, { class: "more" }) : null;

// A choice of what a list shows.
export const filter = (id, label, options, chosen, choose) => element("label", { class: "filter" }, label,
  element("select", { id, onchange: (event) => choose(event.target.value) }, options.map(
    ([value, words]) => element("option", { value, selected: value === chosen }, words))));
