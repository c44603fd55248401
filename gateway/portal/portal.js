// The page: who looks at which unit, and what happens when they press a button. The address is `#/<path of the unit>`.

import * as ask from "./ask.js";
import * as view from "./view.js";
import { ROLES } from "./words.js";

const QUESTIONS = {
  returnTask: [["reason", "退回理由", "说明为何不属于本单位职责"]],
  submitTask: [["result", "办理结果", "说明做了什么、结果如何；将作为答复的依据"]],
  closeCase: [["condition", "结案条件", "例如：现场已恢复原状"], ["reply", "答复内容", "写给来电人的答复", "proposedReply"]],
  requestRework: [["reason", "返工理由", "说明核查发现的问题"]],
};
const byId = (id) => document.getElementById(id);
const page = { me: null, unit: null, names: new Map(), order: { column: null, descending: false } };

function notice(text, kind = "") {
  const line = view.element("p", { class: `notice ${kind}` }, text);
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

async function look(path) {
  byId("picture").setAttribute("aria-busy", "true");
  const { unit, problems } = await ask.picture(path, page.me.role !== "OPERATOR");
  page.unit = unit;
  page.names.set(unit.path, unit.shortName);
  for (const child of unit.children) page.names.set(child.path, child.shortName);
  clearNotices();
  for (const text of new Set(problems.map((problem) => problem.detail_zh))) notice(text, "bad");
  draw();
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
  const duties = [view.work(unit, me.may, act, more), view.checking(unit, me.may, act)];
  document.title = `${unit.shortName} · 文明城市协同平台`;
  byId("picture").replaceChildren(...[
    view.trail(trail()),
    view.element("h1", {}, unit.name),
    view.figures(unit),
    ...(unit.tier < 3 && unit.kind !== "DEPARTMENT" ? [...picture, ...duties] : [...duties, ...picture]),
    view.bulletins(unit, openBulletin),
    view.element("p", { class: "printed" }, `取数时间 ${new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })}`),
  ].filter(Boolean));
  byId("picture").hidden = false;
  byId("picture").removeAttribute("aria-busy");
}

function sort(column) {
  page.order = { column, descending: page.order.column === column && !page.order.descending };
  draw();
  document.querySelectorAll("thead button")[column].focus();
}

async function more() {
  try {
    const next = await ask.moreWork(page.unit.path, page.unit.work.pageInfo.endCursor);
    page.unit.work = { ...next, edges: [...page.unit.work.edges, ...next.edges] };
    draw();
  } catch (error) {
    refused(error);
  }
}

function openDialog(title, ...content) {
  const dialog = byId("dialog");
  dialog.replaceChildren(view.element("h2", { id: "dialog-title" }, title), ...content);
  dialog.showModal();
  return dialog;
}

function act(name, noun, thing, label) {
  const fields = (QUESTIONS[name] || []).map(([key, title, hint, given]) => view.element("label", {}, title,
    view.element("textarea", { name: key, rows: 4, required: true, maxlength: 1000, placeholder: hint }, thing[given] || "")));
  const form = view.element("form", { onsubmit: (event) => send(event, name, noun, thing, label) },
    view.element("p", {}, thing.title), ...fields,
    view.element("p", { class: "problem", role: "alert" }),
    view.element("p", { class: "actions" },
      view.element("button", { type: "submit", class: "primary" }, `确认${label}`),
      view.element("button", { type: "button", onclick: () => byId("dialog").close() }, "取消")));
  openDialog(label, form);
}

async function send(event, name, noun, thing, label) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await ask.command(name, noun, thing, Object.fromEntries(new FormData(form)));
    byId("dialog").close();
    await look(page.unit.path);
    notice(`已${label}：${thing.title}`, "good");
  } catch (error) {
    await failed(error, form, button);
  }
}

async function failed(error, form, button) {
  if (!(error instanceof ask.Refusal)) throw error;
  const { code, changed_by: who } = error.problem;
  if (code === "stale" || code === "unauthenticated") {
    byId("dialog").close();
    if (code === "stale") await look(page.unit.path);
    refused(code === "stale" && who ? new ask.Refusal({ code, detail_zh: `${error.message}（${who}）` }) : error);
    return;
  }
  form.querySelector(".problem").textContent = error.message;
  button.disabled = false;
}

async function openBulletin(listed) {
  try {
    const { number, title, html } = await ask.bulletin(listed.id);
    const frame = view.element("iframe", { sandbox: "", title, srcdoc: html || "", class: "document" });
    openDialog(`${title}　${number}`, frame, view.element("p", { class: "actions" },
      view.element("button", { type: "button", onclick: () => byId("dialog").close() }, "关闭"))).classList.add("wide");
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
