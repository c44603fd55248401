// The one dialog of the page.

import { element } from "./elements.js";

const dialog = () => document.getElementById("dialog");

export function openDialog(title, ...content) {
  const shown = dialog();
  shown.classList.remove("wide");
  shown.replaceChildren(element("h2", { id: "dialog-title" }, title), ...content);
  if (!shown.open) shown.showModal();
  shown.scrollTop = 0;
  return shown;
}

export function openWide(title, ...content) {
  openDialog(title, ...content).classList.add("wide");
}

export const close = () => dialog().close();
