// The place for files under the message that asks for them: choose, say what it shows, send, take back.

import { el, icon } from "./dom.js";
import { ACCEPTED, MEGABYTE, problemOf } from "./transfer.js";

/**
 * `data`: `{kinds: [{title, value}], largest}` (megabytes). `actions`: `upload({file, kind, id, progress, signal})`,
 * `uploads()`, `removeUpload(id)`, and `uploadLink(data)` unless this is already the other device.
 */
export class UploadPlace {
  #actions;
  #words;
  #largest;
  #kinds;
  #open = false;
  #listed = false;
  #rows = new Map(); // id of a file at the bank → its row

  constructor(data, actions, words) {
    this.#actions = actions;
    this.#words = words;
    this.#largest = Number(data.largest);
    this.#kinds = data.kinds;
    this.input = el("input", { type: "file", accept: ACCEPTED, hidden: true, on: { change: () => this.#chosen() } });
    this.kind = el("select", { class: "input kind" }, data.kinds.map(({ title, value }) => el("option", { value }, title)));
    this.button = el("button", { type: "button", class: "button", on: { click: () => this.pick() } }, icon("attach"), words.chooseFile);
    this.status = el("p", { class: "sr-only", role: "status" });
    this.files = el("ul", { class: "files" });
    this.link = el("div", { class: "upload-link" });
    this.linkButton = actions.uploadLink && el(
      "button",
      { type: "button", class: "text-button", on: { click: () => this.#showLink(data) } },
      words.otherDevice,
    );
    this.controls = el(
      "div",
      { class: "upload-controls" },
      el("label", {}, el("span", {}, words.whatItShows), this.kind),
      this.button,
      el("p", { class: "note" }, words.fileRules(this.#largest)),
      this.linkButton,
      this.link,
      this.input,
    );
    this.node = el("section", { class: "upload", "aria-label": words.files }, this.files, this.status, this.controls);
  }

  /** Files can be added as long as the message waits for an answer. */
  update({ open }) {
    this.#open = open;
    this.controls.hidden = !open;
    this.node.classList.toggle("closed", !open);
    if (open && !this.#listed) this.#list();
  }

  get open() {
    return this.#open;
  }

  /** Let the customer choose a file. */
  pick() {
    this.input.click();
  }

  /** What has come already, also from another device or before a reload. */
  async #list() {
    if (!this.#actions.uploads) return;
    this.#listed = true;
    const there = await this.#actions.uploads();
    this.#listed = there !== null;
    there?.forEach((file) => this.#rows.has(file.id) || this.#done(this.#row(this.#kindTitle(file.kind)), file));
  }

  #chosen() {
    const [file] = this.input.files;
    this.input.value = ""; // the same file may be chosen again
    if (file) this.#send(file, this.kind.value, newId(), this.#row(this.#kindTitle(this.kind.value)));
  }

  async #send(file, kind, id, row) {
    row.name.textContent = file.name;
    row.tools.replaceChildren();
    const problem = problemOf(file, this.#largest);
    if (problem) return this.#failed(row, problem);
    const stop = new AbortController();
    const bar = el("progress", { max: "1", value: "0", "aria-label": file.name });
    row.state.replaceChildren(bar);
    row.tools.replaceChildren(this.#tool(this.#words.stopUpload, file.name, () => stop.abort()));
    this.#say(this.#words.uploading(file.name));
    const sent = await this.#actions.upload({ file, kind, id, signal: stop.signal, progress: (share) => { bar.value = share; } });
    if (sent.problem === "stopped") return this.#gone(row, this.#words.uploadStopped);
    if (sent.problem) return this.#failed(row, sent.problem, () => this.#send(file, kind, id, row));
    if (this.#rows.has(sent.file.id)) return this.#gone(row, this.#words.alreadyThere);
    return this.#done(row, sent.file);
  }

  #row(title) {
    const row = { name: el("span", { class: "file-name" }), state: el("span", { class: "file-state" }), tools: el("span", { class: "file-tools" }) };
    row.node = el("li", { class: "file" }, el("span", { class: "file-what" }, row.name, el("small", {}, title)), row.state, row.tools);
    this.files.append(row.node);
    return row;
  }

  #done(row, file) {
    this.#rows.set(file.id, row);
    row.node.classList.remove("failed");
    row.name.textContent = file.name;
    row.state.replaceChildren(icon("check"), sizeOf(file.size));
    row.tools.replaceChildren(...(this.#actions.removeUpload ? [this.#tool(this.#words.removeFile, file.name, () => this.#remove(row, file))] : []));
    this.#say(this.#words.uploaded(file.name));
  }

  #failed(row, problem, again) {
    const said = this.#words.fileProblems[problem]?.(this.#largest) || this.#words.fileProblems.later();
    row.node.classList.add("failed");
    row.state.replaceChildren(el("span", {}, said));
    row.tools.replaceChildren(
      ...(again ? [this.#tool(this.#words.resend, row.name.textContent, again)] : []),
      this.#tool(this.#words.removeFile, row.name.textContent, () => this.#gone(row, "")),
    );
    this.#say(said);
  }

  async #remove(row, file) {
    const problem = await this.#actions.removeUpload(file.id);
    if (problem && problem !== "gone") return this.#say(this.#words.fileProblems[problem]?.() || this.#words.fileProblems.later());
    this.#rows.delete(file.id);
    return this.#gone(row, this.#words.removed(file.name));
  }

  #gone(row, said) {
    row.node.remove();
    this.#say(said);
    this.button.focus();
  }

  async #showLink(data) {
    const address = await this.#actions.uploadLink(data);
    if (!address) {
      this.link.replaceChildren(el("p", { class: "note" }, this.#words.fileProblems.later()));
      return;
    }
    const field = el("input", { class: "input", type: "text", readonly: true, value: address, "aria-label": this.#words.link });
    const copy = el("button", { type: "button", class: "button" }, this.#words.copyLink);
    copy.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard?.writeText(address).then(() => this.#say(this.#words.copied), () => {});
      copy.textContent = this.#words.copied;
    });
    this.link.replaceChildren(el("p", { class: "note" }, this.#words.linkRules), field, copy);
    field.focus();
  }

  #tool(label, of, handler) {
    return el("button", { type: "button", class: "text-button", "aria-label": `${label}: ${of}`, on: { click: handler } }, label);
  }

  #kindTitle(kind) {
    return this.#kinds.find(({ value }) => value === kind)?.title || "";
  }

  #say(text) {
    this.status.textContent = text;
  }
}

function sizeOf(bytes) {
  return bytes < MEGABYTE / 10 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
