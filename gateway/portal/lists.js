// The lists of the page: who sees each, on which unit, and how a piece of it is asked for.

import * as ask from "./ask.js";
import { statusOf } from "./cases.js";

const WITH_A_DESK = ["CITY_OFFICE", "HOTLINE_DESK", "DISTRICT", "STREET"];
const WITH_DUTIES = ["CITY_OFFICE", "DEPARTMENT", "DISTRICT", "STREET"];

const isCity = (path) => !path.includes("/");
const directs = (me) => me.may.includes("voidCase");
const reads = (me) => me.role !== "OPERATOR";

// `begins` is what it is filtered by at first. What nobody filtered and is `quiet` is not asked for.
export const LISTS = {
  duties: {
    begins: "",
    sees: (me) => WITH_DUTIES.includes(me.role),
    // One's own list is asked for without naming the unit: that of the city's office is not the city's.
    asked: (path, me, group, after) => ask.duties(path === me.unit.path ? null : path, { group, after }),
  },
  desk: {
    begins: "",
    sees: (me) => WITH_A_DESK.includes(me.role),
    asked: (path, me, kind, after) => ask.desk(path, { kind, after, directs: directs(me) }),
  },
  orders: {
    begins: "",
    sees: reads,
    asked: (path, me, _, after) => ask.orders(path, { after }),
  },
  misfits: {
    begins: "WAITING",
    sees: (me, path) => me.may.includes("resubmitMisfit") && isCity(path),
    asked: (path, me, state, after) => ask.misfits({ state, after }),
  },
  cases: {
    begins: "",
    quiet: true,
    sees: reads,
    asked: (path, me, status, after) => ask.cases(path, { status: statusOf(status), after }),
  },
  work: {
    begins: "",
    quiet: true, // its beginning comes with the picture
    sees: reads,
    asked: (path, me, _, after) => ask.work(path, { after }),
  },
};

export const joined = (shown, next) => ({ ...next, edges: [...shown.edges, ...next.edges] });
