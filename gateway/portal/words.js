// What people read for the values of the schema, and how numbers and moments are written.

export const ROLES = {
  CITY_OFFICE: "市创建办", DEPARTMENT: "市级部门", DISTRICT: "县（市）区、园区", STREET: "街道（乡镇）",
  HOTLINE_DESK: "热线受理席", OPERATOR: "运维",
};

export const CASE_STATES = [
  ["received", "受理"], ["verifying", "核实"], ["filed", "立案"], ["dispatched", "派遣"], ["handling", "处置"],
  ["checking", "核查"], ["reopened", "重办"], ["closed", "结案"], ["answered", "答复"], ["merged", "并案"],
  ["voided", "作废"],
];

export const TASK_STATES = [
  ["issued", "下达（待签收）"], ["accepted", "签收"], ["inProgress", "办理中"], ["selfChecked", "自查"],
  ["rectifying", "整改"], ["submitted", "申报完成"], ["suspended", "挂账"], ["verified", "验收"], ["closed", "办结"],
  ["returned", "退回"], ["withdrawn", "撤回"],
];

export const TASK_STATE = {
  ISSUED: "待签收", ACCEPTED: "已签收", IN_PROGRESS: "办理中", SELF_CHECKED: "已自查", SUBMITTED: "申报完成",
  VERIFIED: "已验收", CLOSED: "办结", RETURNED: "已退回", RECTIFYING: "整改中", SUSPENDED: "挂账", WITHDRAWN: "撤回",
};

export const SOURCES = {
  PLAN: "目标任务", CASE: "案件", MEETING: "会议", LEADER_INSTRUCTION: "领导批示", SUPERVISION: "督办",
};

export const DESK_KINDS = {
  APPEAL: "超时申诉待裁定", CHECK: "待核查结案", FACTS_ARRIVED: "补正材料已到", FACTS_EXPIRED: "逾期未补正",
  VERIFY: "待现场核实", ENQUIRY: "待答复", UNCLEAR: "研判不明待确认", DUPLICATE: "疑似重复待确认",
  ESCALATED: "催办升级待处理", REVISED: "来件有修改待阅",
  REVISED_LATE: "结案后来件有修改", UNSATISFIED: "市民不满意", FOLLOW_UP: "待回访",
};

export const CASE_STATE = Object.fromEntries(CASE_STATES.map(([name, words]) => [name.toUpperCase(), words]));

export const WORK_GROUPS = {
  OVERDUE: "已逾期", DECISION: "待决定", DUE_SOON: "将到期", RUNNING: "办理中", WAITING: "等待中",
};

export const WORK_KINDS = {
  duty: "主办", assist: "协办", extension: "延期申请", suspension: "挂账申请", raise: "提级申请", verification: "待验收",
  supervision: "督办单待答复", supervision_answer: "督办答复待销号",
};

export const REQUESTS = { extension: "延期", suspension: "挂账", raise: "上报提级" };

export const ROLES_IN_TASK = { LEAD: "下级承办", ASSIST: "协办" };

export const MISFIT_STATES = { WAITING: "待更正", RESUBMITTED: "已更正重报", DISCARDED: "已弃置" };

export const RATED_BY = { CITIZEN: "市民评价", FOLLOW_UP: "回访" };

// Steps of tasks and orders; those of cases are told in Chinese.
const STEPS = {
  assigned: "下达", accepted: "签收", returned: "退回", submitted: "申报完成", rectifying: "整改", verified: "验收",
  closed: "办结", withdrawn: "撤回", corrected: "更正", overdue: "逾期", due_soon: "将到期", progressed: "报告进展",
  self_checked: "自查合格", self_check_failed: "自查不合格", extension_asked: "申请延期", extended: "延期",
  suspension_asked: "申请挂账", suspended: "挂账", suspended_with_whole: "随上级或主办任务挂账",
  request_refused: "不同意申请", resumed: "恢复办理", delegated: "分解到下级", assist_asked: "请求协办",
  raise_asked: "上报提级", materials_added: "补充材料", supervised: "督办", recalculated: "期限重新计算",
  opened: "下达", acknowledged: "签收", answered: "答复", clue_proposed: "提出问责线索",
};
export const step = (what) => STEPS[what] || what;

export const who = (by, unit) => [unit?.shortName, by].filter(Boolean).join(" ");

// What a unit asks for, and why.
export const asks = ({ kind, by, byUnit, at, until, reason }) =>
  `${moment(at)} ${who(by, byUnit)} 申请${REQUESTS[kind]}${until ? `至 ${moment(until)}` : ""}：${reason}`;

export const yesNo = (value, yes, no) => (value === null || value === undefined ? "未问到" : value ? yes : no);

export const URGENCIES = { NORMAL: "一般", URGENT: "紧急", CRITICAL: "特急" };

export const REQUEST_KINDS = {
  COMPLAINT: "投诉", TIP_OFF: "举报", HELP: "求助", ENQUIRY: "咨询", SUGGESTION: "建议", PRAISE: "表扬",
};

export const CHANNELS = {
  HOTLINE_12345: "12345热线", HOTLINE_12319: "12319热线", WEIBO: "微博", WECHAT: "微信", FORUM: "论坛",
  NEWSPAPER: "报刊", APP: "应用", SNAPSHOT: "随手拍", EXPOSURE: "曝光台", INSPECTION: "督查", PATROL: "巡访",
  ASSESSOR: "测评", LEADER_INSTRUCTION: "领导批示", SUPERIOR_INSPECTION: "上级督查",
};

export const ORDER_STATES = {
  OPENED: "待签收", ACKNOWLEDGED: "待答复", ANSWERED: "已答复", RETURNED: "答复已退回", CLOSED: "已销号",
};

export const TRIGGERS = { OVERDUE: "逾期督办", NOT_SOLVED: "回访未解决", OFFICER: "人工督办" };

export const BULLETINS = {
  RANKING: "测评通报", ASSIGNMENT: "交办单", SUPERVISION: "督办通知单", EXPOSURE_WEEKLY: "曝光周报",
  MEETING: "会议通知", REMINDER: "整改提醒", PUBLIC: "公示",
};

const MOMENT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});
const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric" });

export const moment = (text) => (text ? MOMENT.format(new Date(text)) : "—");
export const day = (text) => (text ? DAY.format(new Date(text)) : "—");
export const number = (value) => (value === null || value === undefined ? "—" : String(value));
export const score = (value) => (value === null || value === undefined ? "—" : value.toFixed(2));

export function change(places) {
  if (places === null || places === undefined) return { text: "—", spoken: "无可比名次", kind: "" };
  if (places === 0) return { text: "持平", spoken: "与上轮持平", kind: "" };
  const risen = places > 0;
  return {
    text: `${risen ? "↑" : "↓"}${Math.abs(places)}`,
    spoken: `${risen ? "上升" : "下降"}${Math.abs(places)}位`,
    kind: risen ? "risen" : "fallen",
  };
}

export const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
