// The questions of an act as fields of a form, and what was put into them as words of a command.

import { element } from "./elements.js";
import { replyTemplate } from "./replies.js";

const LONGEST = 1000;
const ZONE = "+08:00"; // all moments on the page are the city's

// `before` is what was written the last time and not sent.
export const fields = (questions, thing, page, before) =>
  questions.map((one) => MADE[one.kind](one, thing, page, before?.[one.key]));

// What is in the form, by the questions' keys, as it was typed.
export function written(form, questions) {
  const given = new FormData(form);
  return Object.fromEntries(questions.filter(({ key }) => key)
    .map(({ key, kind }) => [key, kind === "several" ? given.getAll(key) : given.get(key) || ""]));
}

// The words of the command. What was left empty is not said.
export function words(form, act, thing, page) {
  const typed = written(form, act.questions);
  const said = act.questions.filter(({ key }) => key).map((one) => [one.key, sayable(one, typed[one.key])]);
  return act.send(Object.fromEntries(said.filter(([, value]) => value !== "" && value !== null)), thing, page);
}

function sayable({ kind, lines }, value) {
  if (kind === "several") return value;
  const trimmed = value.trim();
  if (lines) return trimmed.split("\n").map((one) => one.trim()).filter(Boolean);
  if (kind === "percent") return Number(trimmed);
  return kind === "moment" && trimmed ? `${trimmed}:00${ZONE}` : trimmed;
}

const asked = ({ label, optional, hint, kind }) =>
  `${label}${optional ? "（可不填）" : ""}${kind === "moment" && hint ? `，${hint}` : ""}`;
const labelled = (one, field) => element("label", {}, asked(one), field);
const naming = ({ key, optional, hint }) => ({ name: key, required: !optional, placeholder: hint });

const MADE = {
  text(one, thing, page, before) {
    const more = { maxlength: one.longest || LONGEST, rows: one.rows || 4 };
    return labelled(one, element("textarea", { ...naming(one), ...more }, before ?? thing[one.given] ?? ""));
  },
  line(one, thing, page, before) {
    const list = `suggested-${one.key}`, suggested = one.suggested(thing);
    return labelled(one, element("span", {},
      element("input", { ...naming(one), maxlength: LONGEST, list, autocomplete: "off", value: before ?? suggested[0] ?? "" }),
      element("datalist", { id: list }, suggested.map((value) => element("option", { value })))));
  },
  choice: (one, thing, page, before) => labelled(one, element("select", { name: one.key, required: !one.optional },
    one.options(thing, page).map(([value, label]) => element("option", { value, selected: value === before }, label)))),
  several: (one, thing, page, before) => element("fieldset", { class: "several" }, element("legend", {}, asked(one)),
    one.options(thing, page).map(([value, label]) => element("label", {},
      element("input", { type: "checkbox", name: one.key, value, checked: Boolean(before?.includes(value)) }), label))),
  moment: (one, thing, page, before) =>
    labelled(one, element("input", { ...naming(one), type: "datetime-local", value: before || "" })),
  percent: (one, thing, page, before) => labelled(one, element("input", {
    ...naming(one), type: "number", min: 0, max: 100, value: before ?? thing.progressPercent ?? "", inputmode: "numeric",
  })),
  template: (one, thing, page) => replyTemplate(one, thing, page),
};
