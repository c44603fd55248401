// Runs the portal page without a browser: a document of plain objects, and a server whose answers come when a test
// lets them. Prints as JSON what the page shows at the end of the story that is named by the first argument.

const registry = new Map();

class Thing {
  constructor(name) {
    Object.assign(this, { name, children: [], listeners: {}, attributes: {}, textContent: "", value: "", hidden: false });
    this.classList = { add() {}, remove() {} };
  }
  setAttribute(key, value) { this.attributes[key] = value; }
  removeAttribute(key) { delete this.attributes[key]; }
  addEventListener(kind, does) { this.listeners[kind] = does; }
  append(...more) { this.children.push(...more); }
  replaceChildren(...more) { this.children = more; }
  querySelector(what) { return registry.get(what) || registry.set(what, new Thing(what)).get(what); }
  contains() { return false; }
  focus() {}
  showModal() {}
  close() {}
  *all() {
    yield this;
    for (const child of this.children) if (child instanceof Thing) yield* child.all();
  }
  words() { return this.children.map((one) => (one instanceof Thing ? one.words() : one)).join(" "); }
}

globalThis.document = {
  createElement: (name) => new Thing(name),
  getElementById: (id) => registry.get(id) || registry.set(id, new Thing(id)).get(id),
  querySelectorAll: () => [],
  activeElement: null,
};
globalThis.window = { addEventListener: (kind, does) => { window[kind] = does; }, scrollTo() {} };
globalThis.location = { hash: "", pathname: "/" };
globalThis.history = { replaceState() {} };
globalThis.sessionStorage = Object.create({
  getItem(key) { return this[key] ?? null; }, setItem(key, value) { this[key] = value; }, removeItem(key) { delete this[key]; },
});
sessionStorage["wenming.token"] = "token";
globalThis.FormData = class { get() { return "说明"; } getAll() { return ["说明"]; } };

const list = (...nodes) => ({ totalCount: 9, pageInfo: { hasNextPage: true, endCursor: "c" }, edges: nodes.map((node) => ({ node })) });
const unit = (path) => ({ path, name: path, shortName: path });
const task = (title) => ({
  id: title, version: 1, status: "ACCEPTED", source: "MEETING", role: "LEAD", requests: [], title, deadline: "2026-03-02T01:00:00Z", overdue: false,
  place: unit("5301"), responsibleUnit: unit("5301/530102"),
});
const matter = (title) => ({
  kinds: ["FOLLOW_UP"], since: "2026-03-02T01:00:00Z", dueAt: "2026-03-02T01:00:00Z",
  case: { id: title, version: 1, title, number: title, suggestions: [], urgency: "NORMAL", requestKind: "HELP", channels: [], place: unit("5301"), text: "", status: "CLOSED" },
});
const ANSWERS = {
  Me: () => ({ me: { name: "张三", role: "CITY_OFFICE", may: ["submitTask", "openSupervision", "voidCase"], unit: unit("5301") } }),
  Picture: ({ path }) => ({ unit: {
    ...unit(path), kind: "DISTRICT", tier: 2, caseCounts: null, taskCounts: null, children: [], work: list(task(`任务 ${path}`)),
  } }),
  More: () => ({ unit: { work: list(task("再一项")) } }),
  Desk: ({ path, kinds, after }) => ({ deskQueue: list(matter(after ? "再一件" : `案件 ${path} ${kinds || "全部"}`)) }),
  Duties: ({ unit }) => ({ workList: {
    ...list({ kind: "duty", group: "RUNNING", task: task(`承办 ${unit || "本单位"}`) }), counts: {},
  } }),
  Misfits: () => ({ misfits: list() }),
  Orders: () => ({ supervisions: list() }),
  Task: ({ id }) => ({ task: { ...task(id), version: 7 }, materials: [] }),
  Do: () => ({ submitTask: { task: { version: 2 } } }),
};

const held = []; // requests that wait, each with its name
let holds = () => false, fails = () => false, breaks = () => false;
let problem = { code: "unavailable", detail_zh: "服务暂不可用" };
globalThis.fetch = async (_, { body }) => {
  const { query, variables } = JSON.parse(body), name = /(?:query|mutation) (\w+)/.exec(query)[1];
  const one = { name, ...variables };
  if (holds(one)) await new Promise((done) => { held.push({ ...one, done }); });
  if (breaks(one)) throw new TypeError("no network");
  const refused = { errors: [{ extensions: problem }] };
  return { json: async () => (fails(one) ? refused : { data: ANSWERS[name](variables) }) };
};

const settle = () => new Promise((done) => { setTimeout(done, 5); });
const shown = (id = "picture") => document.getElementById(id).words();
const find = (test) => [...document.getElementById("picture").all(), ...document.getElementById("dialog").all()].find(test);
const press = (label) => find((one) => one.name === "button" && one.words() === label).listeners.click();
const pressAll = (label) => [...document.getElementById("picture").all()]
  .filter((one) => one.name === "button" && one.words() === label).forEach((one) => one.listeners.click());
const choose = (value) => find((one) => one.attributes.id === "desk-filter").listeners.change({ target: { value } });
const go = (path) => { location.hash = `#/${path}`; return window.hashchange(); };

const field = (name) => find((one) => one.attributes.name === name).words();
const send = async () => {
  const form = find((one) => one.name === "form");
  form.listeners.input();
  await form.listeners.submit({ preventDefault() {}, target: form });
  await settle();
};

const STORIES = {
  async asked() {
    const rated = (contacted) => ({ ratings: [{ ratedBy: "FOLLOW_UP", closing: 1, contacted }], closings: [{}] });
    const { possible } = await import("../../gateway/portal/acts.js");
    const offered = (more) => possible(["followUp"], { status: "CLOSED", ...more }, { may: ["followUp"] });
    return [{}, rated(false), rated(true)].map((more) => offered(more).length).join(" ");
  },
  async separable() {
    const { ACTS, possible } = await import("../../gateway/portal/acts.js");
    const offered = (receipts, absorbed) => {
      const thing = { status: "FILED", receipts, absorbed };
      return possible(["splitReport"], thing, { may: ["splitReport"] })
        .flatMap((name) => ACTS[name].questions[0].options(thing).map(([value]) => value)).join(",");
    };
    return [offered(["R1", "R2", "R3"], [{ receipts: ["R3"] }]), offered(["R1", "R3"], [{ receipts: ["R3"] }])];
  },
  async onSite() {
    const { ACTS, possible } = await import("../../gateway/portal/acts.js");
    const asked = (may) => possible(["found", "foundOnSite"], { status: "VERIFYING" }, { may })
      .map((name) => ACTS[name].questions.map(({ key }) => key).join(","));
    return [asked(["verifyCase", "fileCase"]), asked(["verifyCase"])];
  },
  async overdue() {
    const late = (path) => ({ ...task(path), overdue: true, responsibleUnit: unit(path) });
    const work = list(late("5301/530102"), late("5301/~office"), late("5301"));
    ANSWERS.Picture = ({ path }) => ({ unit: { ...unit(path), kind: "CITY", tier: 1, children: [], work } });
    await go("5301");
    return [...document.getElementById("picture").all()].map((one) => one.attributes["aria-label"] || "").join(" ");
  },
  async late() {
    holds = ({ path }) => path === "5301/530102";
    go("5301/530102");
    await settle();
    await go("5301/530103");
    held.forEach(({ done }) => done());
    await settle();
    return shown();
  },
  async elsewhere() {
    holds = ({ name, kinds }) => name === "Desk" && kinds;
    choose("VERIFY");
    await settle();
    holds = () => false;
    await go("5301/530103");
    held.forEach(({ done }) => done());
    await settle();
    return shown();
  },
  async twice() {
    holds = ({ after }) => after;
    pressAll("显示更多");
    pressAll("显示更多");
    await settle();
    held.forEach(({ done }) => done());
    await settle();
    return shown();
  },
  async chosen() {
    holds = ({ name, kinds }) => name === "Desk" && kinds;
    choose("VERIFY");
    choose("CHECK");
    await settle();
    held.toReversed().forEach(({ done }) => done());
    await settle();
    return shown();
  },
  async done() {
    press("申报完成");
    fails = ({ name }) => name === "Picture";
    await send();
    return shown("notices");
  },
  async broken() {
    press("申报完成");
    breaks = ({ name }) => name === "Do";
    await send();
    const told = shown(".problem");
    breaks = () => false;
    press("申报完成");
    return `${told} ${field("result")}`;
  },
  async stale() {
    press("申报完成");
    problem = { code: "stale", detail_zh: "", changed_by: "李四", changed_at: "2026-03-02T01:00:00Z", changed_what: "progressed" };
    fails = ({ name }) => name === "Do";
    await send();
    const told = shown(".problem");
    registry.get(".problem").children.at(-1).listeners.click();
    await settle();
    return `${told} ${field("result")} ${find((one) => one.name === "form").words()}`;
  },
  async expired() {
    press("申报完成");
    problem = { code: "unauthenticated", detail_zh: "令牌已过期" };
    fails = ({ name }) => name === "Do";
    await send();
    fails = () => false;
    sessionStorage["wenming.token"] = "another";
    await go("5301");
    press("申报完成");
    return field("result");
  },
  async left() {
    press("申报完成");
    breaks = ({ name }) => name === "Do";
    await send();
    document.getElementById("leave").listeners.click();
    return Object.keys(sessionStorage).join(" ");
  },
};

await import("../../gateway/portal/portal.js");
await settle();
console.log(JSON.stringify(await STORIES[process.argv[2]]()));
