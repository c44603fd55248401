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
  querySelector() { return new Thing("found"); }
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
};
globalThis.window = { addEventListener: (kind, does) => { window[kind] = does; }, scrollTo() {} };
globalThis.location = { hash: "", pathname: "/" };
globalThis.history = { replaceState() {} };
globalThis.sessionStorage = { getItem: () => "token", setItem() {}, removeItem() {} };
globalThis.FormData = class { get() { return "说明"; } };

const list = (...nodes) => ({ totalCount: 9, pageInfo: { hasNextPage: true, endCursor: "c" }, edges: nodes.map((node) => ({ node })) });
const unit = (path) => ({ path, name: path, shortName: path });
const task = (title) => ({
  id: title, version: 1, status: "ACCEPTED", source: "PLAN", title, deadline: "2026-03-02T01:00:00Z", overdue: false,
  place: unit("5301"), responsibleUnit: unit("5301/530102"),
});
const matter = (title) => ({
  kinds: ["FOLLOW_UP"], since: "2026-03-02T01:00:00Z", dueAt: "2026-03-02T01:00:00Z",
  case: { title, number: title, urgency: "NORMAL", requestKind: "HELP", channels: [], place: unit("5301"), text: "", status: "CLOSED" },
});
const ANSWERS = {
  Me: () => ({ me: { name: "张三", role: "CITY_OFFICE", may: ["submitTask", "openSupervision", "voidCase"], unit: unit("5301") } }),
  Picture: ({ path }) => ({ unit: {
    ...unit(path), kind: "DISTRICT", tier: 3, caseCounts: null, taskCounts: null, children: [], work: list(task(`任务 ${path}`)),
  } }),
  More: () => ({ unit: { work: list(task("再一项")) } }),
  Desk: ({ path, kinds, after }) => ({ deskQueue: list(matter(after ? "再一件" : `案件 ${path} ${kinds || "全部"}`)) }),
  Orders: () => ({ supervisions: list() }),
  Do: () => ({ submitTask: { task: { version: 2 } } }),
};

const held = []; // requests that wait, each with its name
let holds = () => false, fails = () => false;
globalThis.fetch = async (_, { body }) => {
  const { query, variables } = JSON.parse(body), name = /(?:query|mutation) (\w+)/.exec(query)[1];
  const one = { name, ...variables };
  if (holds(one)) await new Promise((done) => { held.push({ ...one, done }); });
  const refused = { errors: [{ extensions: { code: "unavailable", detail_zh: "服务暂不可用" } }] };
  return { json: async () => (fails(one) ? refused : { data: ANSWERS[name](variables) }) };
};

const settle = () => new Promise((done) => { setTimeout(done, 5); });
const shown = (id = "picture") => document.getElementById(id).words();
const find = (test) => [...document.getElementById("picture").all(), ...document.getElementById("dialog").all()].find(test);
const press = (label) => find((one) => one.name === "button" && one.words() === label).listeners.click();
const pressAll = (label) => [...document.getElementById("picture").all()]
  .filter((one) => one.name === "button" && one.words() === label).forEach((one) => one.listeners.click());
const choose = (value) => find((one) => one.attributes.id === "desk-kind").listeners.change({ target: { value } });
const go = (path) => { location.hash = `#/${path}`; return window.hashchange(); };

const STORIES = {
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
    const form = find((one) => one.name === "form");
    fails = ({ name }) => name === "Picture";
    await form.listeners.submit({ preventDefault() {}, target: form });
    await settle();
    return shown("notices");
  },
};

await import("../../gateway/portal/portal.js");
await settle();
console.log(JSON.stringify(await STORIES[process.argv[2]]()));
