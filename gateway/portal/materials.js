// 材料 of a task: what is there, with thumbnails; opened by a ticket that is asked for at that moment; files put there.

import * as ask from "./ask.js";
import { fetched, read, Refusal } from "./asking.js";
import { button, element, empty, missing } from "./elements.js";
import { moment, size } from "./words.js";

const LONG = 600_000; // milliseconds for one file
const KINDS = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.pptx,.mp4";

// `adds` where the officer may add some; `changed` is called when one was added.
export function materials(task, { adds, changed }) {
  const problem = element("p", { class: "problem", role: "alert" });
  return element("section", {}, element("h3", {}, "材料"),
    listed(task, problem), adds ? upload(task, problem, changed) : null, problem);
}

function listed({ materials: held }, problem) {
  if (!held) return missing("材料");
  if (!held.length) return empty("还没有材料。");
  const pictures = new Map();
  const list = element("ul", { class: "materials" }, held.map((one) => {
    const picture = element("span", { class: "thumbnail" });
    if (one.hasThumbnail) pictures.set(one.materialId, picture);
    return element("li", {}, picture, element("span", {},
      button(one.name, () => open(one, problem), { class: "link" }),
      element("span", { class: "why" }, `${size(one.size)}，${one.byUnit?.shortName || ""} ${moment(one.uploadedAt)}`)));
  }));
  look(pictures);
  return list;
}

// One ticket after another: thumbnails are a help, and nobody waits for them.
async function look(pictures) {
  for (const [id, place] of pictures) {
    try {
      const { thumbnailUrl } = await ask.ticket(id);
      place.append(element("img", { src: thumbnailUrl, alt: "", loading: "lazy" }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return;
    }
  }
}

async function open({ materialId }, problem) {
  try {
    const { url } = await ask.ticket(materialId);
    window.open(url, "_blank", "noopener");
  } catch (error) {
    problem.textContent = error.message;
  }
}

function upload(task, problem, changed) {
  const chosen = element("input", {
    type: "file", multiple: true, accept: KINDS, onchange: () => put(task, chosen, problem, changed),
  });
  return element("label", { class: "upload" }, "添加照片或文件（JPEG、PNG、WebP、PDF、Word、Excel、PPT、MP4）", chosen);
}

async function put(task, chosen, problem, changed) {
  chosen.disabled = true;
  const refused = [];
  for (const file of chosen.files) {
    problem.textContent = `正在上传 ${file.name}……`;
    try {
      await putOne(task, file);
    } catch (error) {
      refused.push(`${file.name}：${error.message}`);
    }
  }
  await changed(refused.join("；"));
}

async function putOne(task, file) {
  const url = await ask.uploadTicket(task.id, file);
  const answer = await fetched(url, { method: "PUT", body: file, patience: LONG });
  if (!answer.ok) throw new Refusal(await read(answer));
}
