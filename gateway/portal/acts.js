// What an officer can do from the page: the command, what it is about, what is asked before it, and what is sent.

const NOT_FILED = ["RECEIVED", "VERIFYING"];
const NOT_BEGUN = [...NOT_FILED, "FILED", "DISPATCHED"];
const OUTCOMES = {
  satisfied: { contacted: true, solved: true, satisfied: true },
  dissatisfied: { contacted: true, solved: true, satisfied: false },
  unsolved: { contacted: true, solved: false, satisfied: false },
  unreached: { contacted: false },
};

const text = (key, label, hint, more = {}) => ({ kind: "text", key, label, hint, ...more });
const choice = (key, label, options, more = {}) => ({ kind: "choice", key, label, options, ...more });
const act = (label, command, noun, questions = [], more = {}) => ({
  label, command, noun, questions, when: () => true, send: (words) => words, ...more,
});
const inState = (...states) => ({ when: (thing) => states.includes(thing.status) });
const always = (fixed) => ({ send: (words) => ({ ...words, ...fixed }) });
const visible = (thing) => thing.suggestions.filter((one) => one.case);

const place = choice("placePath", "属地", (thing, page) => [
  ["", `不变（${thing.place.shortName}）`], ...page.unit.children.map((child) => [child.path, child.name]),
], { optional: true });
const category = choice("category", "类别", (thing, page) => [
  ["", `不变（${thing.categoryName}）`], ...page.desk.categories.map((one) => [one.code, `${one.subject} / ${one.name}`]),
], { optional: true });
const urgency = choice("urgency", "紧急程度", () => [
  ["", "不变"], ["NORMAL", "一般"], ["URGENT", "紧急"], ["CRITICAL", "特急"],
], { optional: true });

export const ACTS = {
  accept: act("签收", "acceptTask", "task", [], inState("ISSUED")),
  giveBack: act("退回", "returnTask", "task", [text("reason", "退回理由", "说明为何不属于本单位职责")], inState("ISSUED")),
  submit: act("申报完成", "submitTask", "task", [text("result", "办理结果", "说明做了什么、结果如何；将作为答复的依据")],
    inState("ACCEPTED", "IN_PROGRESS", "SELF_CHECKED", "RECTIFYING")),
  supervise: act("督办", "openSupervision", "supervision", [text("reason", "督办理由", "说明为何督办；将写入督办单")]),

  file: act("立案", "fileCase", "case", [category, place], inState(...NOT_FILED)),
  correct: act("更正", "correctCase", "case", [category, place, urgency], inState("FILED", "DISPATCHED")),
  confirm: act("确认无误", "confirmCase", "case", []),
  answer: act("答复", "answerCase", "case", [text("reply", "答复内容", "写给来电人的答复")], inState(...NOT_FILED)),
  void: act("作废", "voidCase", "case", [
    choice("code", "作废原因", (thing, page) => page.desk.voidReasons.map(({ code, name }) => [code, name])),
    text("reason", "说明", "说明依据"),
  ], inState(...NOT_BEGUN)),
  facts: act("退回补正", "returnForFacts", "case", [text("missing", "需补正的内容", "一次写全，每行一项", { lines: true })],
    { when: (thing) => NOT_BEGUN.includes(thing.status) && !thing.factsAsked }),
  found: act("核实属实", "verifyCase", "case", [text("note", "核实情况", "现场所见")], always({ found: true })),
  notFound: act("核实不属实", "verifyCase", "case", [
    text("note", "核实情况", "现场所见"),
    text("reply", "答复内容", "写给来电人的答复；留空则作废", { optional: true }),
  ], always({ found: false })),
  join: act("并案", "acceptSuggestion", "case", [
    choice("suggested", "并入", (thing) => visible(thing).map((one) => [one.caseId, `${one.number} ${one.case.title}`])),
    text("reason", "并案理由", "说明为何是同一件事"),
  ], {
    when: (thing) => visible(thing).length > 0,
    send: (words, thing) => ({
      ...words, suggestedSeenVersion: visible(thing).find((one) => one.caseId === words.suggested).case.version,
    }),
  }),
  dismiss: act("非重复", "dismissDuplicates", "case", [text("reason", "理由", "说明为何不是同一件事")]),
  close: act("结案", "closeCase", "case", [
    text("condition", "结案条件", "所符合的结案条件", { suggested: (thing) => thing.limit?.closingConditions || [] }),
    text("reply", "答复内容", "写给来电人的答复", { given: "proposedReply" }),
    text("why", "另定结案条件的理由", "所填条件不在标准之内时说明", { optional: true }),
  ]),
  rework: act("返工", "requestRework", "case", [text("reason", "返工理由", "说明核查发现的问题")]),
  note: act("已阅", "takeNote", "case"),
  reopen: act("重办", "reopenCase", "case", [text("reason", "重办理由", "说明为何重新办理")], inState("CLOSED")),
  followUp: act("回访", "followUp", "case", [choice("outcome", "回访结果", () => [
    ["satisfied", "已联系：已解决，满意"], ["dissatisfied", "已联系：已解决，不满意"],
    ["unsolved", "已联系：未解决（转重办）"], ["unreached", "未联系上"],
  ])], { send: ({ outcome }) => OUTCOMES[outcome] }),
  grant: act("准予申诉", "decideAppeal", "case", [text("decision", "裁定", "说明依据")], always({ granted: true })),
  deny: act("驳回申诉", "decideAppeal", "case", [text("decision", "裁定", "说明依据")], always({ granted: false })),

  acknowledgeOrder: act("签收", "acknowledgeSupervision", "supervision", [], inState("OPENED", "RETURNED")),
  answerOrder: act("答复", "answerSupervision", "supervision", [text("answer", "答复内容", "说明办理情况和完成时间")],
    inState("OPENED", "ACKNOWLEDGED", "RETURNED")),
  closeOrder: act("销号", "closeSupervision", "supervision", [text("note", "销号说明", "说明为何可以销号")]),
  returnOrder: act("退回答复", "returnSupervision", "supervision", [text("reason", "退回理由", "说明还缺什么")],
    inState("ANSWERED")),
};

// Those of the acts `names` that the officer may do and that fit the thing as it is.
export const possible = (names, thing, may) =>
  [...new Set(names)].filter((name) => may.includes(ACTS[name].command) && ACTS[name].when(thing));
