// What an officer can do from the page.

import { CASE_ACTS } from "./case_acts.js";
import { MISFIT_ACTS } from "./misfit_acts.js";
import { ORDER_ACTS } from "./order_acts.js";
import { TASK_ACTS } from "./task_acts.js";

export const ACTS = { ...CASE_ACTS, ...TASK_ACTS, ...ORDER_ACTS, ...MISFIT_ACTS };

// Those of the acts `names` that the officer may do and that fit the thing as it is.
export const possible = (names, thing, me) =>
  [...new Set(names)].filter((name) => me.may.includes(ACTS[name].command) && ACTS[name].when(thing, me));
