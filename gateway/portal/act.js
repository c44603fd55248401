// What an act is made of: the command, what it is about (`noun`), the questions asked before it (`questions`), for whom
// and when it is offered (`when`), and what is sent of the answers (`send`). Some are done with a thing other than what
// they answer with (`of`), need more of the page (`needs`), or are about what may not be stored (`private`).

export const text = (key, label, hint, more = {}) => ({ kind: "text", key, label, hint, ...more });
export const line = (key, label, hint, more = {}) => ({ kind: "line", key, label, hint, ...more });
export const choice = (key, label, options, more = {}) => ({ kind: "choice", key, label, options, ...more });
export const several = (key, label, options, more = {}) => ({ kind: "several", key, label, options, ...more });
export const moment = (key, label, more = {}) => ({ kind: "moment", key, label, ...more });
export const percent = (key, label, more = {}) => ({ kind: "percent", key, label, ...more });
// A template that fills in the answer to `fills`; its code is sent as `key`, where the command takes it.
export const template = (fills, key = null) => ({ kind: "template", label: "答复模板", optional: true, fills, key });

export const act = (label, command, noun, questions = [], more = {}) => ({
  label, command, noun, questions, when: () => true, send: (words) => words, ...more,
});
export const when = (test) => ({ when: test });
export const inState = (...states) => when((thing) => states.includes(thing.status));
export const always = (fixed) => ({ send: (words) => ({ ...words, ...fixed }) });

export const inside = (path, unit) => path === unit.path || path.startsWith(`${unit.path}/`);
