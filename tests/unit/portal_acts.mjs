// Prints as JSON what each act of the portal page sends: its command, and the fields that it names when all questions
// are answered, and when only those are that must be.

globalThis.document = {};
const { ACTS } = await import("../../gateway/portal/acts.js");

const thing = {
  id: "1", version: 1, receipts: ["R-1"], requests: [{ kind: "raise", decidedAt: null }],
  suggestions: [{ caseId: "2", case: { version: 3 } }], absorbed: [{ caseId: "3" }],
};
const page = { cases: { list: { edges: [{ node: { id: "2", version: 3, status: "FILED" } }] } } };
const ANSWERS = { suggested: "2", into: "2", contacted: "yes", solved: "yes", satisfied: "no" };
const answer = ({ key, kind }) => ANSWERS[key] ?? (kind === "several" ? ["5301"] : "x");
const sent = (act, asked) => Object.keys(act.send(Object.fromEntries(asked.map((one) => [one.key, answer(one)])), thing, page));

console.log(JSON.stringify(Object.fromEntries(Object.entries(ACTS).map(([name, act]) => {
  const asked = act.questions.filter(({ key }) => key);
  return [name, { command: act.command, noun: act.noun, most: sent(act, asked), least: sent(act, asked.filter((one) => !one.optional)) }];
}))));
