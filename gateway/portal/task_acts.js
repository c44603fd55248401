// What can be done with a task: by the unit whose duty it is, and by those whom it answers to.

import { act, always, choice, inside, moment, percent, several, text, when } from "./act.js";

const AT_WORK = ["ACCEPTED", "IN_PROGRESS", "SELF_CHECKED", "RECTIFYING"];
const OPEN = ["ISSUED", ...AT_WORK, "SUBMITTED", "SUSPENDED"];

const office = (me) => me.role === "CITY_OFFICE";
const own = (task, me) => inside(task.responsibleUnit.path, me.unit);
const above = (task, me) => office(me) || Boolean(task.answersTo && inside(task.answersTo.path, me.unit));
const isPart = (task) => task.role === "ASSIST" || task.isPart || Boolean(task.parent);
export const waiting = (task) => task.requests?.find((one) => one.decidedAt === null);

const mine = (...states) => when((task, me) => states.includes(task.status) && own(task, me));
const working = (test) => when((task, me) => AT_WORK.includes(task.status) && own(task, me) && test(task));
// While one request waits, nothing more is asked for.
const asking = working((task) => !waiting(task));
// What a plan says is checked by the unit itself before it says that it is done.
const submittable = (task) => (task.source === "PLAN" && !isPart(task) ? ["SELF_CHECKED", "RECTIFYING"] : AT_WORK);
const decided = when((task, me) => Boolean(waiting(task)) && above(task, me));
const checked = when((task, me) =>
  task.status === "SUBMITTED" && above(task, me) && (task.source !== "CASE" || isPart(task)));

const reason = (label, hint) => text("reason", label, hint);
const deadline = moment("deadline", "期限", { optional: true, hint: "不填则为剩余时间的九成" });
const told = text("words", "交办内容", "说明要做什么");
// Streets have communities below them, departments nobody: neither can have a part.
const hasUnitsBelow = ({ path }) => !path.includes("~") && path.split("/").length === 2;
const direct = (unit, task) => unit.path.slice(0, unit.path.lastIndexOf("/")) === task.responsibleUnit.path;
const peer = (unit, { path }) => !inside(unit.path, { path }) && !inside(path, unit);
const named = (unit) => [unit.path, unit.longName];
const units = (test) => (task, page) => page.units.filter((unit) => test(unit, task.responsibleUnit, task)).map(named);

export const TASK_ACTS = {
  accept: act("签收", "acceptTask", "task", [], mine("ISSUED")),
  giveBack: act("退回", "returnTask", "task", [reason("退回理由", "说明为何不属于本单位职责")], mine("ISSUED", "ACCEPTED")),
  progress: act("报告进展", "reportProgress", "task", [percent("percent", "完成比例"), text("words", "进展情况", "做了什么，下一步做什么")],
    mine(...AT_WORK)),
  selfCheck: act("自查", "selfCheckTask", "task", [
    choice("passed", "自查结论", () => [["yes", "合格"], ["no", "不合格"]]), text("result", "自查情况", "查了什么、结果如何；将公示"),
    text("problems", "发现的问题", "不合格时说明问题和整改打算", { optional: true }),
  ], {
    ...working((task) => task.source === "PLAN"),
    send: ({ passed, ...words }) => ({ ...words, passed: passed === "yes" }),
  }),
  submit: act("申报完成", "submitTask", "task", [text("result", "办理结果", "说明做了什么、结果如何；将作为答复的依据")],
    working((task) => submittable(task).includes(task.status))),
  delegate: act("分解到下级", "delegateTask", "task", [
    several("units", "承办单位", (task, page) => page.units.filter((unit) => direct(unit, task)).map(named)),
    told, deadline,
  ], { ...working((task) => hasUnitsBelow(task.responsibleUnit)), needs: "units" }),
  assist: act("请求协办", "askAssist", "task", [choice("unit", "协办单位", units(peer)), told, deadline],
    { ...working((task) => task.role === "LEAD"), needs: "units" }),
  askExtension: act("申请延期", "askExtension", "task", [moment("until", "延期至"), reason("延期理由", "说明为何需要延期")], asking),
  askSuspension: act("申请挂账", "askSuspension", "task", [moment("until", "挂账至"), reason("挂账理由", "说明为何暂不能办理")], asking),
  raise: act("上报提级", "raiseTask", "task", [reason("上报理由", "说明为何本级不能解决")], asking),
  resume: act("恢复办理", "resumeTask", "task", [reason("恢复理由", "说明为何提前恢复")], mine("SUSPENDED")),

  allow: act("同意申请", "answerRequest", "task", [
    choice("unit", "提级后的承办单位", (task, page) => [
      ["", waiting(task).kind === "raise" ? "按派遣路由的牵头部门" : "不适用"],
      ...(waiting(task).kind === "raise" ? page.units.map(named) : []),
    ], { optional: true }),
    text("why", "意见", "可说明理由", { optional: true }),
  ], { ...decided, ...always({ granted: true }), needs: "units" }),
  refuse: act("不同意申请", "answerRequest", "task", [text("why", "理由", "说明为何不同意")],
    { ...decided, ...always({ granted: false }) }),
  pass: act("验收通过", "verifyTask", "task", [text("note", "验收意见", "说明检查情况")],
    { ...checked, ...always({ passed: true }) }),
  rectify: act("退回整改", "verifyTask", "task", [text("note", "整改要求", "说明存在的问题")],
    { ...checked, ...always({ passed: false }) }),
  withdraw: act("撤回", "withdrawTask", "task", [reason("撤回理由", "说明为何不再需要")], when(
    (task, me) => OPEN.includes(task.status) && (office(me) || (isPart(task) && above(task, me))))),
  assign: act("裁定承办单位", "assignTask", "task", [choice("unit", "承办单位", (task, page) => page.units.map(named))], {
    when: (task, me) => office(me) && task.status === "ISSUED" && task.responsibleUnit.path.endsWith("/~office"),
    needs: "units",
  }),
  reroute: act("改派", "rerouteTask", "task", [reason("改派理由", "按现行派遣路由表重新确定承办单位")], when(
    (task, me) => office(me) && task.source === "CASE" && !isPart(task) && ["ISSUED", ...AT_WORK].includes(task.status))),
  // Nobody supervises their own work, or the headquarters' office.
  supervise: act("督办", "openSupervision", "supervision", [reason("督办理由", "说明为何督办；将写入督办单")], {
    of: "task",
    when: ({ status, responsibleUnit: { path } }, me) => ["ISSUED", ...AT_WORK, "SUBMITTED"].includes(status)
      && inside(path, me.unit) && path !== me.unit.path && !path.endsWith("/~office"),
  }),
};
