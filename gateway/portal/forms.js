// The questions of an act as fields of a form, and what was put into them as words of a command.

import { element } from "./elements.js";

const LONGEST = 1000;

export const fields = (questions, thing, page) => questions.map((one) => element("label", {},
  one.optional ? `${one.label}（可不填）` : one.label, one.kind === "choice" ? options(one, thing, page) : writing(one, thing)));

export function words(form, act, thing) {
  const given = new FormData(form);
  const said = act.questions.map(({ key, lines }) => [key, lines ? split(given.get(key)) : given.get(key).trim()]);
  return act.send(Object.fromEntries(said.filter(([, value]) => value !== "")), thing);
}

const split = (value) => value.split("\n").map((line) => line.trim()).filter(Boolean);

const options = ({ key, options: of, optional }, thing, page) => element("select", { name: key, required: !optional },
  of(thing, page).map(([value, label]) => element("option", { value }, label)));

function writing({ key, hint, optional, given, suggested }, thing) {
  const common = { name: key, required: !optional, maxlength: LONGEST, placeholder: hint };
  if (!suggested) return element("textarea", { ...common, rows: 4 }, thing[given] || "");
  const list = `suggested-${key}`;
  return element("span", {},
    element("input", { ...common, list, autocomplete: "off", value: suggested(thing)[0] || "" }),
    element("datalist", { id: list }, suggested(thing).map((value) => element("option", { value }))));
}
