// Questions to /graphql. The token lives in this tab's session storage and travels in the Authorization header only.

const KEY = "wenming.token";
const COUNTS_OF_CASES = `total open received verifying filed dispatched handling checking reopened closed answered
  merged voided`;
const COUNTS_OF_TASKS = `total open overdue issued accepted inProgress selfChecked rectifying submitted suspended
  verified closed returned withdrawn`;
const STANDING = "standing { title publishedAt score rank grade change sites deductions }";
const TASKS = `totalCount pageInfo { hasNextPage endCursor } edges { node {
  id version status source title deadline deadlineProvisional overdue reworks round routedBecause caseNumber
  place { shortName } responsibleUnit { path shortName } } }`;
const WORK = "coordinate: RESPONSIBLE, statuses: [ISSUED, ACCEPTED, IN_PROGRESS, SELF_CHECKED, RECTIFYING]";

const PICTURE = `query Picture($path: String!, $work: Boolean!) { unit(path: $path) {
  path name shortName kind tier
  caseCounts { ${COUNTS_OF_CASES} } taskCounts { ${COUNTS_OF_TASKS} }
  ${STANDING}
  children { path name shortName caseCounts { total open } taskCounts { open overdue } ${STANDING} }
  bulletins(first: 6) { edges { node { id number kind title issuedAt } } }
  work: tasks(first: 8, ${WORK}) @include(if: $work) { ${TASKS} }
} }`;
const ME = "query Me { me { name role may unit { path shortName } } }";
const MORE = `query More($path: String!, $after: String!) { unit(path: $path) {
  work: tasks(first: 20, after: $after, ${WORK}) { ${TASKS} } } }`;
const MATTER = `id version number status title text address categoryName urgency requestKind channels reworks proposedReply
  place { shortName } responsibleUnit { shortName } limit { closingConditions } reasons { text } appeal { reason }
  factsAsked { missing due } suggestions { caseId number why case { version title } }`;
const DESK = `query Desk($path: String!, $kinds: [DeskKind!], $after: String, $directs: Boolean!) {
  deskQueue(unit: $path, kinds: $kinds, first: 10, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    kinds since dueAt case { ${MATTER} } } } }
  voidReasons @include(if: $directs) { code name }
  categories @include(if: $directs) { code subject name } }`;
const ORDERS = `query Orders($path: String!, $after: String) {
  supervisions(unit: $path, statuses: [OPENED, ACKNOWLEDGED, ANSWERED, RETURNED], first: 10, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node {
      id: supervisionId version number status trigger title because openedAt answerBy overdue returns
      unit { path shortName } byUnit { path shortName } history { what note } } } } }`;
const BULLETIN = "query Bulletin($id: ID!) { bulletin(id: $id) { number title html text } }";

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail_zh || problem.detail);
    this.problem = problem;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (text) => sessionStorage.setItem(KEY, text.trim().replace(/^Bearer\s+/i, "")),
  clear: () => sessionStorage.removeItem(KEY),
};

async function ask(query, variables = {}) {
  let answer;
  try {
    answer = await fetch("/graphql", {
      method: "POST",
      headers: {
        "Authorization": `Bearer ${token.get()}`,
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json",
      },
      body: JSON.stringify({ query, variables }),
    });
  } catch {
    throw new Refusal({ code: "unreachable", detail_zh: "无法连接服务器，请检查网络后重试" });
  }
  const body = await answer.json();
  if (!("data" in body)) throw new Refusal(body.errors ? body.errors[0].extensions : body);
  return { data: body.data, problems: (body.errors || []).map((error) => error.extensions) };
}

export const me = async () => {
  const { data } = await ask(ME);
  return data.me;
};

export const picture = async (path, work) => {
  const { data, problems } = await ask(PICTURE, { path, work });
  if (!data.unit) throw new Refusal(problems[0]);
  return { unit: data.unit, problems };
};

// The queue is null where it could not be had, and `problems` say why.
export const desk = async (path, { kind, after = null, directs }) => {
  const { data, problems } = await ask(DESK, { path, kinds: kind ? [kind] : null, after, directs });
  return { queue: data.deskQueue, voidReasons: data.voidReasons || [], categories: data.categories || [], problems };
};

export const orders = async (path, after = null) => {
  const { data, problems } = await ask(ORDERS, { path, after });
  return { list: data.supervisions, problems };
};

export const moreWork = async (path, after) => {
  const { data, problems } = await ask(MORE, { path, after });
  if (!data.unit || !data.unit.work) throw new Refusal(problems[0]);
  return data.unit.work;
};

export const bulletin = async (id) => {
  const { data, problems } = await ask(BULLETIN, { id });
  if (!data.bulletin) throw new Refusal(problems[0]);
  return data.bulletin;
};

export async function command(name, noun, thing, words) {
  const input = { id: thing.id, seenVersion: thing.version, ...words };
  const kind = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation Do($input: ${kind}!) { ${name}(input: $input) { ${noun} { version } } }`;
  const { data, problems } = await ask(query, { input });
  if (!data[name]) throw new Refusal(problems[0]);
}
