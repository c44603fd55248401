// The page: who comes in, which unit they look at, and what is drawn of it. The address is `#/<path of the unit>`.

import * as ask from "./ask.js";
import { token, Refusal } from "./asking.js";
import { caseDetails } from "./case_details.js";
import { cases } from "./cases.js";
import { desk } from "./desk.js";
import { close, openWide } from "./dialog.js";
import { act } from "./doing.js";
import * as drafts from "./drafts.js";
import { button, element } from "./elements.js";
import { misfits } from "./misfits.js";
import { orders } from "./orders.js";
import { Page } from "./page.js";
import { taskDetails } from "./task_details.js";
import * as view from "./view.js";
import { ROLES } from "./words.js";
import { workList } from "./work_list.js";

const byId = (id) => document.getElementById(id);
const closing = () => element("p", { class: "actions" }, button("关闭", close));
const page = new Page({
  draw, tell, refused, notice, closing,
  act: (name, thing) => act(page, name, thing),
  openTask: (id, problem) => opened(() => ask.task(id), (task) => taskDetails(task, page), problem),
  openCase: (id) => opened(() => ask.matter(id), (matter) => caseDetails(matter, page)),
});

function notice(text, kind = "") {
  byId("notices").append(element("p", { class: `notice ${kind}` }, text));
}

// `anew` takes away what was said before.
function tell(problems, anew = false) {
  if (anew) byId("notices").replaceChildren();
  for (const text of new Set(problems.filter(Boolean).map((problem) => problem.detail_zh))) notice(text, "bad");
}

function refused(error) {
  if (!(error instanceof Refusal)) throw error;
  if (error.problem.code === "unauthenticated") showEntrance(error.message);
  else notice(error.message, "bad");
}

function showEntrance(message) {
  token.clear();
  page.me = null;
  close();
  byId("notices").replaceChildren();
  if (message) notice(message, "bad");
  byId("entrance").hidden = false;
  byId("picture").hidden = true;
  byId("tools").hidden = true;
  byId("officer").textContent = "";
  byId("token").focus();
}

function tokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  token.set(given);
  history.replaceState(null, "", location.pathname);
}

const chosenPath = () => (location.hash.startsWith("#/") ? decodeURIComponent(location.hash.slice(2)) : page.me.unit.path);

async function show() {
  tokenFromAddress();
  if (!token.get()) return showEntrance();
  try {
    if (!page.me) await enter();
    byId("picture").setAttribute("aria-busy", "true");
    await page.look(chosenPath());
  } catch (error) {
    refused(error);
  }
}

async function enter() {
  await page.enter();
  byId("officer").textContent = `${page.me.unit.shortName} · ${ROLES[page.me.role]} · ${page.me.name}`;
  byId("entrance").hidden = true;
  byId("tools").hidden = false;
}

function trail() {
  const parts = page.unit.path.split("/");
  const above = parts.map((_, place) => parts.slice(0, place + 1).join("/"));
  const own = page.me.unit.path;
  const inside = page.me.role === "CITY_OFFICE" ? () => true : (path) => path === own || path.startsWith(`${own}/`);
  return above.filter(inside).map((path) => ({ path, name: page.names.get(path) || path.split("/").pop() }));
}

function draw() {
  const { unit } = page, hadFocus = byId("picture").contains(document.activeElement);
  document.title = `${unit.shortName} · 文明城市协同平台`;
  byId("picture").replaceChildren(...[
    view.trail(trail()),
    element("h1", {}, unit.name),
    view.figures(unit),
    ...arranged(),
    view.bulletins(unit, openBulletin),
    element("p", { class: "printed" }, `取数时间 ${new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })}`),
  ].filter(Boolean));
  byId("picture").hidden = false;
  byId("picture").removeAttribute("aria-busy");
  if (hadFocus) byId("main").focus({ preventScroll: true });
}

// What each works on comes first: the desk its queue, an office the picture and what goes wrong below it, others the
// unit's own duties.
function arranged() {
  const { unit, me } = page, office = unit.tier < 3 && unit.kind !== "DEPARTMENT";
  const picture = [view.states(unit), view.children(unit, page.order, sort)];
  const queue = page.sees("desk") && unit.kind !== "DEPARTMENT" ? [desk(page)] : [];
  if (page.sees("misfits")) queue.push(misfits(page));
  const pushed = page.sees("orders") ? orders(page) : null;
  const all = page.sees("cases") && unit.kind !== "DEPARTMENT" ? cases(page) : null;
  const duties = page.sees("duties") ? workList(page) : null, below = office ? view.work(page) : null;
  if (me.role === "HOTLINE_DESK") return [...queue, all, pushed, below, ...picture];
  if (office) return [...picture, duties, pushed, ...queue, below, all];
  return [duties, pushed, ...queue, all, ...picture];
}

function sort(column) {
  page.order = { column, descending: page.order.column === column && !page.order.descending };
  draw();
  document.querySelectorAll("thead button")[column].focus();
}

// A thing in full, in the dialog; with what went wrong on the way here, if anything.
async function opened(asking, details, problem) {
  try {
    const thing = await asking();
    const told = problem ? element("p", { class: "problem", role: "alert" }, problem) : "";
    openWide(thing.title, told, ...details(thing).flat().filter(Boolean), closing());
  } catch (error) {
    close();
    refused(error);
  }
}

async function openBulletin(listed) {
  try {
    const { number, title, html } = await ask.bulletin(listed.id);
    const shown = element("iframe", { sandbox: "", title, srcdoc: html || "", class: "document" });
    openWide(`${title}　${number}`, shown, closing());
  } catch (error) {
    refused(error);
  }
}

byId("entrance").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(byId("token").value);
  byId("token").value = "";
  show();
});
byId("refresh").addEventListener("click", show);
byId("print").addEventListener("click", () => window.print());
byId("leave").addEventListener("click", () => {
  drafts.forgetAll();
  page.begin();
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
