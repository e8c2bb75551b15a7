/** The bar at the bottom: words, the account's menu, and what else a phone can send. */

import { Refused, upload } from "./api.js";
import { element, icon, iconButton, toast } from "./dom.js";
import { t } from "./strings.js";

const LARGEST_PICTURE = 10 * 1024 * 1024; // bytes
const SILENCE = new Blob(["#!AMR\n"], { type: "audio/amr" });
const PLACE = { latitude: 31.2304, longitude: 121.4737 };

/** Draws the bar into `place`; `act(name, values)` does what the customer wants. */
export class Composer {
  #place;
  #act;
  #platform;
  #drawn = "";
  #typing = false; // the keyboard instead of the menu
  #draft = "";

  constructor(place, platform, act) {
    this.#place = place;
    this.#platform = platform;
    this.#act = act;
  }

  show(view) {
    const state = JSON.stringify([view.related, view.menu, this.#typing]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#place.replaceChildren(...this.#bars(view));
  }

  #bars(view) {
    if (!view.related) return [this.#beginning()];
    if (this.#platform === "wechat" && view.menu && !this.#typing) return [this.#menu(view)];
    return [this.#keyboard(view), this.#extras()];
  }

  #beginning() {
    const name = this.#platform === "wechat" ? "follow" : "enter";
    return element(
      "div", { className: "beginning" },
      element("button", { type: "button", className: "main", onclick: () => this.#act(name) }, t(name)),
      element("p", {}, t(`${name}_lead`)),
    );
  }

  #switch(view, typing, name, label) {
    return iconButton(name, t(label), () => {
      this.#typing = typing;
      this.show(view);
      this.#place.querySelector("textarea")?.focus();
    });
  }

  #menu(view) {
    const entries = view.menu.button.map((button) => this.#menuEntry(button));
    return element(
      "div", { className: "bar menu-bar" },
      this.#switch(view, true, "keyboard", "to_keyboard"),
      element("nav", {}, ...entries),
    );
  }

  #menuEntry(button) {
    if (!button.sub_button?.length) return element("div", {}, this.#menuButton(button));
    const inner = element("ul", { hidden: true }, ...button.sub_button.map((one) => element("li", {}, this.#menuButton(one))));
    const opener = element("button", { type: "button", "aria-expanded": "false" }, icon("menu"), button.name);
    opener.onclick = () => this.#open(inner, opener);
    inner.onclick = () => this.#open(inner, opener);
    return element("div", {}, opener, inner);
  }

  #open(inner, opener) {
    const open = inner.hidden;
    for (const list of this.#place.querySelectorAll("nav ul")) list.hidden = true;
    for (const one of this.#place.querySelectorAll("nav [aria-expanded]")) one.setAttribute("aria-expanded", "false");
    inner.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  }

  #menuButton(entry) {
    const onclick = () => {
      if (entry.type !== "view") return this.#act("press_menu", { key: entry.key });
      window.open(entry.url, "_blank", "noopener");
      return this.#act("open_menu_link", { url: entry.url });
    };
    return element("button", { type: "button", onclick }, entry.name);
  }

  #keyboard(view) {
    const field = element("textarea", { rows: 1, value: this.#draft, "aria-label": t("message"), maxLength: 4000 });
    const send = element("button", { type: "submit", className: "send", hidden: !this.#draft.trim() }, t("send"));
    const more = iconButton("plus", t("plus"), () => {
      const extras = this.#place.querySelector(".extras");
      extras.hidden = !extras.hidden;
    });
    const fit = () => {
      this.#draft = field.value;
      send.hidden = !field.value.trim();
      more.hidden = !send.hidden;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, 120)}px`;
    };
    field.oninput = fit;
    field.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    };
    const toMenu = this.#platform === "wechat" && view.menu ? this.#switch(view, false, "menu", "to_menu") : null;
    const form = element("form", { className: "bar" }, toMenu, field, more, send);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (!text) return;
      field.value = "";
      fit();
      if (!(await this.#act("write", { text }))) field.value ||= text;
      fit();
    };
    return form;
  }

  #extras() {
    const file = element("input", { type: "file", accept: "image/*", hidden: true });
    file.onchange = () => this.#sendPicture(file);
    const extra = (name, onclick) =>
      element("button", { type: "button", onclick }, element("span", {}, icon(name)), t(name));
    return element(
      "div", { className: "extras", hidden: true },
      extra("image", () => file.click()),
      extra("voice", () => this.#ask("voice", "", (text) => this.#sendVoice(text))),
      extra("location", () =>
        this.#ask("location", t("location_default"), (text) => text && this.#act("location", { ...PLACE, text }))),
      file,
    );
  }

  async #sendPicture(file) {
    const picture = file.files[0];
    file.value = "";
    if (!picture) return;
    if (picture.size > LARGEST_PICTURE) return toast(t("too_large"));
    await this.#sendFile("image", picture, picture.name);
  }

  async #sendVoice(text) {
    await this.#sendFile("voice", SILENCE, "voice.amr", { text });
  }

  async #sendFile(kind, file, name, values = {}) {
    try {
      await this.#act(kind, { ...values, media_id: await upload(file, name) });
    } catch (error) {
      toast(error instanceof Refused ? error.message : t("failed"));
    }
  }

  #ask(name, value, done) {
    const sheet = document.getElementById("sheet");
    const field = element("input", { value, "aria-label": t(`${name}_label`), maxLength: 200 });
    const form = element(
      "form", { method: "dialog" },
      element("h2", {}, t(`${name}_title`)),
      element("label", {}, t(`${name}_label`), field),
      name === "voice" ? element("p", { className: "faint" }, t("voice_note")) : null,
      element(
        "div", { className: "row" },
        element("button", { type: "button", onclick: () => sheet.close() }, t("cancel")),
        element("button", { type: "submit", className: "main" }, t("send")),
      ),
    );
    form.onsubmit = () => done(field.value.trim());
    sheet.replaceChildren(form);
    sheet.showModal();
  }
}
