// The page: who looks at which unit, and what happens when they press a button. The address is `#/<path of the unit>`.

import * as ask from "./ask.js";
import { ACTS } from "./acts.js";
import { desk } from "./desk.js";
import * as forms from "./forms.js";
import { element } from "./elements.js";
import { orders } from "./orders.js";
import * as view from "./view.js";
import { ROLES } from "./words.js";

const WITH_A_DESK = ["CITY_OFFICE", "HOTLINE_DESK", "DISTRICT", "STREET"];
const byId = (id) => document.getElementById(id);
const page = {
  me: null, unit: null, desk: null, orders: null, deskKind: "", looks: 0, names: new Map(),
  order: { column: null, descending: false },
};

function notice(text, kind = "") {
  const line = element("p", { class: `notice ${kind}` }, text);
  byId("notices").append(line);
  return line;
}

function clearNotices() {
  byId("notices").replaceChildren();
}

function showEntrance(message) {
  ask.token.clear();
  page.me = null;
  clearNotices();
  if (message) notice(message, "bad");
  byId("entrance").hidden = false;
  byId("picture").hidden = true;
  byId("tools").hidden = true;
  byId("officer").textContent = "";
  byId("token").focus();
}

function refused(error) {
  if (!(error instanceof ask.Refusal)) throw error;
  if (error.problem.code === "unauthenticated") showEntrance(error.message);
  else notice(error.message, "bad");
}

function tokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  ask.token.set(given);
  history.replaceState(null, "", location.pathname);
}

const chosenPath = () => (location.hash.startsWith("#/") ? decodeURIComponent(location.hash.slice(2)) : page.me.unit.path);

async function show() {
  tokenFromAddress();
  if (!ask.token.get()) return showEntrance();
  try {
    if (!page.me) await enter();
    await look(chosenPath());
  } catch (error) {
    refused(error);
  }
}

async function enter() {
  page.me = await ask.me();
  if (!page.me.unit) throw new ask.Refusal({ code: "unauthenticated", detail_zh: "令牌中的单位不存在" });
  page.names.set(page.me.unit.path, page.me.unit.shortName);
  byId("officer").textContent = `${page.me.unit.shortName} · ${ROLES[page.me.role]} · ${page.me.name}`;
  byId("entrance").hidden = true;
  byId("tools").hidden = false;
}

// What comes after something else was looked at is not drawn: the address names what is on the screen.
async function look(path) {
  byId("picture").setAttribute("aria-busy", "true");
  const mine = ++page.looks, kind = page.deskKind, reads = page.me.role !== "OPERATOR";
  const [{ unit, problems }, queue, pushed] = await Promise.all([
    ask.picture(path, reads),
    WITH_A_DESK.includes(page.me.role) ? ask.desk(path, wanted(kind)) : null,
    reads ? ask.orders(path) : null,
  ]);
  if (mine !== page.looks) return;
  Object.assign(page, { unit, desk: queue && { ...queue, kind }, orders: pushed && pushed.list });
  page.names.set(unit.path, unit.shortName);
  for (const child of unit.children) page.names.set(child.path, child.shortName);
  clearNotices();
  tell([problems, queue?.problems, pushed?.problems].flatMap((found) => found || []));
  draw();
}

async function again() {
  try {
    await look(page.unit.path);
  } catch (error) {
    refused(error);
  }
}

const wanted = (kind) => ({ kind, directs: page.me.may.includes("voidCase") });

function tell(problems) {
  for (const text of new Set(problems.map((problem) => problem.detail_zh))) notice(text, "bad");
}

function trail() {
  const parts = page.unit.path.split("/");
  const above = parts.map((_, place) => parts.slice(0, place + 1).join("/"));
  const own = page.me.unit.path;
  const inside = page.me.role === "CITY_OFFICE" ? () => true : (path) => path === own || path.startsWith(`${own}/`);
  return above.filter(inside).map((path) => ({ path, name: page.names.get(path) || path.split("/").pop() }));
}

function draw() {
  const { unit, me } = page;
  const picture = [view.states(unit), view.children(unit, page.order, sort)];
  const queue = page.desk && unit.kind !== "DEPARTMENT" ? desk(page, act, moreDesk, chooseKind) : null;
  const pushed = me.role === "OPERATOR" ? null : orders(page, act, moreOrders);
  const duties = view.work(unit, me, act, more);
  document.title = `${unit.shortName} · 文明城市协同平台`;
  byId("picture").replaceChildren(...[
    view.trail(trail()),
    element("h1", {}, unit.name),
    view.figures(unit),
    ...arranged(picture, queue, pushed, duties),
    view.bulletins(unit, openBulletin),
    element("p", { class: "printed" }, `取数时间 ${new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })}`),
  ].filter(Boolean));
  byId("picture").hidden = false;
  byId("picture").removeAttribute("aria-busy");
}

// First what the officer came for: the desk's queue, the city's or district's picture, the unit's own duties.
function arranged(picture, queue, pushed, duties) {
  if (page.me.role === "HOTLINE_DESK") return [queue, pushed, duties, ...picture];
  if (page.unit.tier < 3 && page.unit.kind !== "DEPARTMENT") return [...picture, pushed, queue, duties];
  return [duties, pushed, queue, ...picture];
}

function sort(column) {
  page.order = { column, descending: page.order.column === column && !page.order.descending };
  draw();
  document.querySelectorAll("thead button")[column].focus();
}

// Asks for more of what `shown` gives, and takes it where that is what is shown still.
async function extend(shown, asking, take) {
  const before = shown();
  try {
    const found = await asking();
    if (shown() !== before) return;
    tell(found.problems || []);
    take(found);
  } catch (error) {
    refused(error);
  }
  if (page.me) draw();
}

const joined = (shown, next) => ({ ...next, edges: [...shown.edges, ...next.edges] });

const more = () => extend(
  () => page.unit.work,
  () => ask.moreWork(page.unit.path, page.unit.work.pageInfo.endCursor),
  (next) => { page.unit.work = joined(page.unit.work, next); });

const moreDesk = () => extend(
  () => page.desk.queue,
  () => ask.desk(page.unit.path, { ...wanted(page.desk.kind), after: page.desk.queue.pageInfo.endCursor }),
  ({ queue }) => { if (queue) page.desk.queue = joined(page.desk.queue, queue); });

const moreOrders = () => extend(
  () => page.orders,
  () => ask.orders(page.unit.path, page.orders.pageInfo.endCursor),
  ({ list }) => { if (list) page.orders = joined(page.orders, list); });

async function chooseKind(kind) {
  page.deskKind = kind;
  await extend(
    () => `${page.unit.path} ${page.deskKind}`,
    () => ask.desk(page.unit.path, wanted(kind)),
    (found) => { page.desk = { ...found, kind }; });
  byId("desk-kind")?.focus();
}

function openDialog(title, ...content) {
  const dialog = byId("dialog");
  dialog.replaceChildren(element("h2", { id: "dialog-title" }, title), ...content);
  dialog.showModal();
  return dialog;
}

function act(name, thing) {
  const chosen = ACTS[name];
  const form = element("form", { onsubmit: (event) => send(event, chosen, thing) },
    element("p", {}, thing.title), ...forms.fields(chosen.questions, thing, page),
    element("p", { class: "problem", role: "alert" }),
    element("p", { class: "actions" },
      element("button", { type: "submit", class: "primary" }, `确认${chosen.label}`),
      element("button", { type: "button", onclick: () => byId("dialog").close() }, "取消")));
  openDialog(chosen.label, form);
}

async function send(event, { command, noun, label, ...rest }, thing) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await ask.command(command, noun, thing, forms.words(form, rest, thing));
  } catch (error) {
    return failed(error, form, button);
  }
  byId("dialog").close();
  await again();
  notice(`已${label}：${thing.title}`, "good");
}

async function failed(error, form, button) {
  if (!(error instanceof ask.Refusal)) throw error;
  const { code, changed_by: who } = error.problem;
  if (code === "stale" || code === "unauthenticated") {
    byId("dialog").close();
    if (code === "stale") await again();
    refused(code === "stale" && who ? new ask.Refusal({ code, detail_zh: `${error.message}（${who}）` }) : error);
    return;
  }
  form.querySelector(".problem").textContent = error.message;
  button.disabled = false;
}

async function openBulletin(listed) {
  try {
    const { number, title, html } = await ask.bulletin(listed.id);
    const frame = element("iframe", { sandbox: "", title, srcdoc: html || "", class: "document" });
    openDialog(`${title}　${number}`, frame, element("p", { class: "actions" },
      element("button", { type: "button", onclick: () => byId("dialog").close() }, "关闭"))).classList.add("wide");
  } catch (error) {
    refused(error);
  }
}

byId("entrance").addEventListener("submit", (event) => {
  event.preventDefault();
  ask.token.set(byId("token").value);
  byId("token").value = "";
  show();
});
byId("dialog").addEventListener("close", () => byId("dialog").classList.remove("wide"));
byId("refresh").addEventListener("click", show);
byId("print").addEventListener("click", () => window.print());
byId("leave").addEventListener("click", () => {
  history.replaceState(null, "", location.pathname);
  showEntrance();
});
window.addEventListener("hashchange", async () => {
  page.order = { column: null, descending: false };
  await show();
  window.scrollTo(0, 0);
  byId("main").focus({ preventScroll: true });
});
show();
