// Dialogs with a few fields. The dialog stays open, with what was entered, until the server has said yes.

import { button, el, labelled } from "../lib/ui.js";
import { problemText, words } from "../strings.js";

/**
 * Ask for values and hand them to `submit`; a problem that it raises is shown in the dialog. Resolves with what `submit`
 * returned, or `undefined` when the agent changed their mind.
 * A field: `{name, label, kind, value, options, hint, required, ...attributes}`, `kind` being `text` (or another type of
 * input), `textarea`, `select` or `checks`; `options`: `[{value, label}]`.
 */
export function ask({ title, intro, fields, submit, action, danger = false, wide = false }) {
  const t = words();
  const { promise, resolve } = Promise.withResolvers();
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const controls = fields.map((field) => ({ field, ...control(field) }));
  const send = el("button", { type: "submit", class: `button ${danger ? "danger" : "primary"}` }, action ?? t.ok);
  const form = el(
    "form",
    { method: "dialog", on: { submit: (event) => sent(event) } },
    el("h2", {}, title),
    intro && el("p", { class: "intro" }, intro),
    controls.map(({ node }) => node),
    problem,
    el("div", { class: "dialog-actions" }, button(t.cancel, { press: () => dialog.close() }), send),
  );
  const dialog = el("dialog", { class: wide ? "dialog wide" : "dialog" }, form);
  let answer;
  async function sent(event) {
    event.preventDefault();
    const values = Object.fromEntries(controls.map(({ field, read }) => [field.name, read()]));
    send.disabled = true;
    problem.hidden = true;
    try {
      answer = (await submit(values)) ?? true;
      dialog.close();
    } catch (error) {
      if (error.status === undefined) throw error;
      problem.textContent = problemText(error);
      problem.hidden = false;
    } finally {
      send.disabled = false;
    }
  }
  const opener = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.isConnected && opener.focus();
    resolve(answer);
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}

function control(field) {
  const { name, label, kind = "text", value, options, hint, required, ...attributes } = field;
  const common = { name, required, ...attributes };
  if (kind === "checks") return checks(name, label, options, value ?? []);
  if (kind === "textarea") {
    const area = el("textarea", { class: "input", rows: "3", ...common }, value ?? "");
    return { node: labelled(label, area, hint), read: () => area.value.trim() };
  }
  if (kind === "select") {
    const choices = options.map((one) => el("option", { value: one.value, selected: one.value === value }, one.label));
    const select = el("select", { class: "input", ...common }, choices);
    return { node: labelled(label, select, hint), read: () => select.value };
  }
  const input = el("input", { class: "input", type: kind, value, ...common });
  const isSecret = kind === "password";
  return { node: labelled(label, input, hint), read: () => (isSecret ? input.value : input.value.trim()) };
}

function checks(name, label, options, chosen) {
  const boxes = options.map((one) => {
    const box = el("input", { type: "checkbox", name, value: one.value, checked: chosen.includes(one.value) });
    return { box, node: el("label", { class: "check" }, box, el("span", {}, one.label)) };
  });
  const node = el("fieldset", { class: "field" }, el("legend", { class: "field-name" }, label), boxes.map((one) => one.node));
  return { node, read: () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value) };
}

/** Show something that is only to be read. */
export function show({ title, content, wide = false }) {
  const t = words();
  const dialog = el(
    "dialog",
    { class: wide ? "dialog wide" : "dialog" },
    el("form", { method: "dialog" }, el("h2", {}, title), content, el("div", { class: "dialog-actions" }, el("button", { class: "button primary" }, t.close))),
  );
  const opener = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.isConnected && opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
