/** The screen's entries: bubbles, menus that can be pressed, pictures, and the platform's grey lines. */

import { element, icon } from "./dom.js";
import { knows, language, t } from "./strings.js";

const GAP_SECONDS = 300; // after which the time is shown again
const ADDRESS = /https?:\/\/[^\s<>"'，。；！？、）】]+/g;
const ANCHOR = /<a\s[^>]*?href="(https?:\/\/[^"]+)"[^>]*>([^<]*)<\/a>/g;

/** Draws entries into a list; `press(entry, choice)` is called for a choice. */
export class Messages {
  #list;
  #press;
  #before = 0;

  constructor(list, press) {
    this.#list = list;
    this.#press = press;
  }

  add(entries) {
    for (const entry of entries) {
      if (entry.at - this.#before > GAP_SECONDS) this.#list.append(element("li", { className: "time" }, clock(entry.at)));
      this.#before = entry.at;
      this.#list.append(entry.sender === "platform" ? line(entry) : this.#bubble(entry));
    }
  }

  #bubble(entry) {
    const face = element("span", { className: "face" }, icon(entry.sender === "account" ? "bank" : "person"));
    const bubble = element("div", { className: `bubble ${entry.kind}` }, ...this.#content(entry));
    return element("li", { className: `message ${entry.sender}` }, face, bubble);
  }

  #content(entry) {
    switch (entry.kind) {
      case "menu":
      case "template":
        return [words(entry.text), this.#choices(entry), words(entry.tail)];
      case "image":
        return [picture(entry, this.#list)];
      case "voice":
        return [
          element("span", { className: "sound" }, icon("sound"), t("spoken")),
          element("p", { className: "words faint" }, entry.text || t("not_recognised")),
        ];
      case "location":
        return [element("span", { className: "sound" }, icon("location"), entry.text)];
      case "file":
        return [link(`/media/${entry.media_id}`, entry.text || t("open_file"))];
      default:
        return [words(entry.text)];
    }
  }

  #choices(entry) {
    const rows = entry.choices.map((choice) => {
      if (choice.url) return element("li", {}, link(choice.url, choice.title));
      if (choice.id === undefined) return element("li", {}, choice.title);
      const press = element("button", { type: "button", onclick: () => this.#press(entry, choice) }, choice.title);
      return element("li", {}, press);
    });
    return element("ul", { className: "choices" }, ...rows);
  }
}

function line(entry) {
  const told = knows(entry.kind) ? t(entry.kind, entry.text) : entry.text;
  return element("li", { className: "line" }, told);
}

function picture(entry, list) {
  const alt = t(entry.sender === "customer" ? "picture" : "picture_account");
  const onload = () => { list.scrollTop = list.scrollHeight; }; // its height was not known before
  return element("img", { src: `/media/${entry.media_id}`, alt, onload });
}

/** Text with what WeChat makes links of: addresses, and anchors of the account. */
function words(text) {
  if (!text) return null;
  const paragraph = element("p", { className: "words" });
  let from = 0;
  for (const anchor of text.matchAll(ANCHOR)) {
    paragraph.append(...withAddresses(text.slice(from, anchor.index)), link(anchor[1], anchor[2]));
    from = anchor.index + anchor[0].length;
  }
  paragraph.append(...withAddresses(text.slice(from)));
  return paragraph;
}

function* withAddresses(text) {
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    yield text.slice(from, found.index);
    yield link(found[0], found[0]);
    from = found.index + found[0].length;
  }
  yield text.slice(from);
}

function link(href, text) {
  return element("a", { href, target: "_blank", rel: "noopener" }, text);
}

function clock(seconds) {
  const format = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  return format.format(new Date(seconds * 1000));
}
