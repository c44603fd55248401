// What the page asks for: of a unit, its lists, and single things.

import { ask, askOne, Refusal } from "./asking.js";

const COUNTS_OF_CASES = `total open received verifying filed dispatched handling checking reopened closed answered
  merged voided`;
const COUNTS_OF_TASKS = `total open overdue issued accepted inProgress selfChecked rectifying submitted suspended
  verified closed returned withdrawn`;
const STANDING = "standing { title publishedAt score rank grade change sites deductions }";
const PAGE = "pageInfo { hasNextPage endCursor }";
const TASK = `id version status source title deadline deadlineProvisional overdue dueSoon reworks round role routedBecause
  caseNumber progressPercent suspendedUntil place { shortName } responsibleUnit { path shortName }
  answersTo { path shortName } requests { kind by byUnit { shortName } at reason until granted decidedBy decidedAt why }`;
const MATTER = `id version number status title text address categoryName urgency requestKind channels reworks proposedReply
  place { shortName } responsibleUnit { path shortName } limit { closingConditions } reasons { text } receipts desk
  appeal { reason by at granted decision decidedBy } factsAsked { missing due } absorbed { caseId number receipts }
  revised escalatedBy demandedBy endsAfterDemand suggestions { caseId number why case { version title } }`;
const ORDER = `id: supervisionId version number status trigger title because openedAt answerBy overdue returns
  judgeBy leftOpen
  unit { path shortName } byUnit { path shortName }`;
const MISFIT = "id: misfitId version channel receivedAt state reason field endedBy endedAt why receipt";
const WORK = "coordinate: RESPONSIBLE, statuses: [ISSUED, ACCEPTED, IN_PROGRESS, SELF_CHECKED, RECTIFYING]";

const PICTURE = `query Picture($path: String!, $work: Boolean!) { unit(path: $path) {
  path name shortName kind tier
  caseCounts { ${COUNTS_OF_CASES} } taskCounts { ${COUNTS_OF_TASKS} }
  ${STANDING}
  children { path name shortName caseCounts { total open } taskCounts { open overdue } ${STANDING} }
  bulletins(first: 6) { edges { node { id number kind title issuedAt } } }
  work: tasks(first: 8, ${WORK}) @include(if: $work) { totalCount ${PAGE} edges { node { ${TASK} } } }
} }`;
const ME = "query Me { me { name role may unit { path shortName } } }";
const UNITS = "query Units { dutyUnits { path shortName } }";
const MORE = `query More($path: String!, $after: String) { unit(path: $path) {
  work: tasks(first: 20, after: $after, ${WORK}) { totalCount ${PAGE} edges { node { ${TASK} } } } } }`;
const DESK = `query Desk($path: String!, $kinds: [DeskKind!], $after: String, $directs: Boolean!) {
  deskQueue(unit: $path, kinds: $kinds, first: 10, after: $after) { ${PAGE} edges { node {
    kinds since dueAt case { ${MATTER} } } } }
  voidReasons @include(if: $directs) { code name }
  replyTemplates @include(if: $directs) { code name }
  categories @include(if: $directs) { code subject name } }`;
const DUTIES = `query Duties($unit: String, $group: WorkGroup, $after: String) {
  workList(unit: $unit, group: $group, first: 10, after: $after) {
    counts { overdue decision dueSoon running waiting } ${PAGE} edges { node { kind group selfCheckDue
      supervision { ${ORDER} } task { ${TASK} } } } } }`;
const ORDERS = `query Orders($path: String!, $after: String) {
  supervisions(unit: $path, statuses: [OPENED, ACKNOWLEDGED, ANSWERED, RETURNED], first: 10, after: $after) {
    ${PAGE} edges { node { ${ORDER} history { what note } } } } }`;
const CASES = `query Cases($path: String!, $statuses: [CaseStatus!], $after: String) { unit(path: $path) {
  cases(first: 10, statuses: $statuses, after: $after) { totalCount ${PAGE} edges { node { ${MATTER} } } } } }`;
const MISFITS = `query Misfits($state: MisfitState, $after: String) {
  misfits(state: $state, first: 10, after: $after) { ${PAGE} edges { node { ${MISFIT} } } } misfitCounts { waiting } }`;
const CASE = `query Case($id: ID!) { case(id: $id) { ${MATTER} reply receivedAt filedAt closedAt difficult
  verification { found by at note } closings { condition reply by at why }
  ratings { closing ratedBy contacted solved satisfied by at } limit { words why } photos { receipt reference }
  reports(first: 50) { totalCount edges { node { receipt channel receivedAt revision text handedOverAt
    deadlines { name until } facts { name said } } } }
  history { what by at why } task { id title status } mergedInto { id number } } }`;
const CITIZEN = "query Citizen($id: ID!) { citizenAnswers(case: $id) { receipt contacted solved satisfied words at } }";
const TASK_WHOLE = `query Task($id: ID!) {
  task(id: $id) { ${TASK} deadlineBecause issuedAt extensions returns yellowCards redCards leadDepartment { shortName }
    parent { taskId title } lead { taskId title } case { id number }
    parts { taskId version role status unit { path shortName } words deadline overdue progressPercent
      task { id version } }
    history { what by byUnit { shortName } at note } }
  materials(task: $id) { materialId name size by byUnit { shortName } uploadedAt hasThumbnail } }`;
const TICKET = "query Ticket($id: String!) { downloadTicket(material: $id) { url thumbnailUrl } }";
const DRAFT = "query Draft($id: ID!, $template: String!) { draftReply(case: $id, template: $template) { text missing } }";
const BULLETIN = "query Bulletin($id: ID!) { bulletin(id: $id) { number title html text } }";
const UPLOAD = "mutation Upload($input: UploadTicketInput!) { uploadTicket(input: $input) { ticket { url } } }";
const OPEN_MISFIT = `mutation Open($input: OpenMisfitInput!) {
  openMisfit(input: $input) { raw misfit { ${MISFIT} } reads { unit name at } } }`;

export const me = () => askOne(ME, "me");
export const units = () => askOne(UNITS, "dutyUnits");
export const matter = (id) => askOne(CASE, "case", { id });
export const citizenAnswers = (id) => askOne(CITIZEN, "citizenAnswers", { id });
export const ticket = (id) => askOne(TICKET, "downloadTicket", { id });
export const draftReply = (id, template) => askOne(DRAFT, "draftReply", { id, template });
export const bulletin = (id) => askOne(BULLETIN, "bulletin", { id });

export const picture = async (path, work) => {
  const { data, problems } = await ask(PICTURE, { path, work });
  if (!data.unit) throw new Refusal(problems[0]);
  return { unit: data.unit, problems };
};

// The materials are null where they could not be had.
export const task = async (id) => {
  const { data, problems } = await ask(TASK_WHOLE, { id });
  if (!data.task) throw new Refusal(problems[0]);
  return { ...data.task, materials: data.materials };
};

// Each list is null where it could not be had, and `problems` say why.
export const desk = async (path, { kind, after = null, directs }) => {
  const { data, problems } = await ask(DESK, { path, kinds: kind ? [kind] : null, after, directs });
  const { deskQueue: list, voidReasons, replyTemplates, categories } = data;
  const chosenFrom = { voidReasons: voidReasons || [], templates: replyTemplates || [], categories: categories || [] };
  return { list, ...chosenFrom, problems };
};

export const duties = async (unit, { group, after = null }) => {
  const { data, problems } = await ask(DUTIES, { unit, group: group || null, after });
  return { list: data.workList, problems };
};

export const orders = async (path, { after = null } = {}) => {
  const { data, problems } = await ask(ORDERS, { path, after });
  return { list: data.supervisions, problems };
};

export const cases = async (path, { status, after = null }) => {
  const { data, problems } = await ask(CASES, { path, statuses: status ? [status] : null, after });
  return { list: data.unit?.cases || null, problems };
};

export const misfits = async ({ state, after = null }) => {
  const { data, problems } = await ask(MISFITS, { state: state || null, after });
  const waiting = (data.misfitCounts ?? []).reduce((sum, one) => sum + one.waiting, 0);
  return { list: data.misfits && { ...data.misfits, waiting }, problems };
};

export const work = async (path, { after }) => {
  const { data, problems } = await ask(MORE, { path, after });
  return { list: data.unit?.work || null, problems };
};

export const uploadTicket = async (id, { name, size }) => {
  const { ticket: { url } } = await askOne(UPLOAD, "uploadTicket", { input: { id, name, size, attach: true } });
  return url;
};

export const openMisfit = async (id) => {
  const { misfit, raw, reads } = await askOne(OPEN_MISFIT, "openMisfit", { input: { id } });
  return { ...misfit, raw, reads };
};

// The words of a command may name another thing than the one it was opened for.
export async function command(name, noun, thing, words) {
  const input = { id: thing.id, seenVersion: thing.version, ...words };
  const kind = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  await askOne(`mutation Do($input: ${kind}!) { ${name}(input: $input) { ${noun} { version } } }`, name, { input });
}
