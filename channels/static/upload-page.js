// The page behind a link for another device. Its leave to send files stands in the address after `#`, which browsers
// send to no server; it ends after some minutes.

import { el } from "./widget/dom.js";
import { languageOf, locale, strings } from "./widget/strings.js";
import { send } from "./widget/transfer.js";
import { UploadPlace } from "./widget/upload.js";

class UploadPage extends HTMLElement {
  connectedCallback() {
    const given = new URLSearchParams(location.hash.slice(1));
    const language = languageOf(given.get("l"));
    const words = strings(language);
    document.documentElement.lang = locale(language);
    document.title = words.files;
    const root = this.attachShadow({ mode: "open" });
    root.append(el("link", { rel: "stylesheet", href: new URL("./widget/widget.css", import.meta.url).href }));
    root.append(el("main", { class: "frame" }, el("h2", {}, words.files), this.#content(given, words)));
  }

  #content(given, words) {
    const ticket = given.get("t");
    const kinds = kindsIn(given.get("k"));
    if (!ticket || !kinds.length) return el("p", {}, words.fileProblems.sign_in());
    const address = new URL("./uploads", import.meta.url);
    const upload = (file) => send({ ...file, address, authorization: `Upload ${ticket}` });
    const place = new UploadPlace({ kinds, largest: given.get("m") }, { upload }, words);
    place.update({ open: true });
    return el("div", { class: "card" }, el("p", {}, words.pageIntro), place.node);
  }
}

function kindsIn(text) {
  try {
    return JSON.parse(text).map(({ title, value }) => ({ title: String(title), value: String(value) }));
  } catch {
    return [];
  }
}

customElements.define("overdue-upload", UploadPage);
