// One question or command to /graphql, and what goes wrong with it in words. The token lives in this tab's session
// storage and travels in the Authorization header only.

const KEY = "wenming.token";
const PATIENCE = 20_000; // milliseconds; the gateway itself gives up much earlier

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail_zh || problem.detail || "操作未成功");
    this.problem = problem;
  }
}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (text) => sessionStorage.setItem(KEY, text.trim().replace(/^Bearer\s+/i, "")),
  clear: () => sessionStorage.removeItem(KEY),
};

// Who talks to a server that is not there, or to something between that answers in its stead, is told so in words.
export async function fetched(address, options) {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(options.patience || PATIENCE) });
  } catch (error) {
    const slow = error.name === "TimeoutError";
    throw new Refusal({
      code: "unreachable",
      detail_zh: slow ? "服务器没有及时答复，操作可能已经生效，请刷新后核对" : "无法连接服务器，请检查网络后重试",
    });
  }
}

export async function read(answer) {
  try {
    return await answer.json();
  } catch {
    throw new Refusal({ code: "unavailable", detail_zh: `服务器暂时不能答复（${answer.status}），请稍后重试` });
  }
}

// The data, and the problems of those parts that could not be had.
export async function ask(query, variables = {}) {
  const answer = await fetched("/graphql", {
    method: "POST",
    headers: {
      "Authorization": `Bearer ${token.get()}`,
      "Content-Type": "application/json",
      "Accept": "application/graphql-response+json",
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = await read(answer);
  if (!("data" in body)) throw new Refusal(body.errors ? body.errors[0].extensions : body);
  return { data: body.data, problems: (body.errors || []).map((error) => error.extensions) };
}

// What the only field asked for holds; where it is null, why.
export async function askOne(query, name, variables) {
  const { data, problems } = await ask(query, variables);
  if (!data[name]) throw new Refusal(problems[0] || { code: "not_found", detail_zh: "没有这项内容" });
  return data[name];
}
