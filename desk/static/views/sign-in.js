// Who works at the desk signs in; who got a password from somebody else chooses an own one first.

import { button, el, labelled } from "../lib/ui.js";
import { problemText, words } from "../strings.js";
import { ask } from "./forms.js";

/** Fires `signed-in` with what the server says of the agent. */
export class DeskSignIn extends HTMLElement {
  #api;

  constructor(api) {
    super();
    this.#api = api;
  }

  connectedCallback() {
    const t = words();
    const name = el("input", { class: "input", name: "name", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false" });
    const password = el("input", { class: "input", name: "password", type: "password", autocomplete: "current-password", required: true });
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const send = el("button", { type: "submit", class: "button primary" }, t.signIn);
    const submit = async (event) => {
      event.preventDefault();
      send.disabled = true;
      problem.hidden = true;
      try {
        const got = await this.#api.post("api/sign-in", { name: name.value.trim(), password: password.value });
        this.dispatchEvent(new CustomEvent("signed-in", { detail: got }));
      } catch (error) {
        if (error.status === undefined) throw error;
        problem.textContent = error.type === "wrong-sign-in" || error.status === 401 ? t.wrongSignIn : problemText(error);
        problem.hidden = false;
        password.select();
      } finally {
        send.disabled = false;
      }
    };
    this.other = el("a", { class: "button", href: "sign-in/oidc", hidden: true }, t.signInOidc);
    this.replaceChildren(
      el(
        "main",
        { class: "sign-in" },
        el("img", { src: "console/icon.svg", alt: "", width: "56", height: "56" }),
        el("h1", {}, t.title),
        el("form", { on: { submit } }, labelled(t.userName, name), labelled(t.password, password), problem, send),
        this.other,
      ),
    );
    name.focus();
    this.#offerOther();
  }

  /** The bank's own sign-in, where it is set up. */
  async #offerOther() {
    try {
      const { oidc } = await this.#api.get("api/sign-in");
      this.other.hidden = !oidc;
    } catch (error) {
      if (error.status === undefined) throw error; // without it the password remains
    }
  }
}

/** Let the agent choose a new password; `must`: it cannot be put off. Resolves with whether it was changed. */
export async function changePassword(api, { must = false } = {}) {
  const t = words();
  const { shortest_password: shortest } = await api.get("api/sign-in");
  const fields = [
    { name: "old", label: must ? t.oneTimePassword : t.oldPassword, kind: "password", autocomplete: "current-password", required: true },
    { name: "new", label: t.newPassword, kind: "password", autocomplete: "new-password", required: true, minlength: shortest, hint: t.passwordHint(shortest) },
    { name: "again", label: t.newPasswordAgain, kind: "password", autocomplete: "new-password", required: true },
  ];
  const submit = async ({ old, new: chosen, again }) => {
    if (chosen !== again) throw Object.assign(new Error(), { status: 422, type: "passwords-differ" });
    const { csrf } = await api.post("api/password", { old, new: chosen });
    api.csrf = csrf; // it is another session now
    return true;
  };
  return Boolean(await ask({ title: t.changePassword, intro: must ? t.mustChange : null, fields, action: t.changePassword, submit }));
}

/** In front of everything until the first password has been changed. Fires `changed` and `sign-out`. */
export class DeskFirstPassword extends HTMLElement {
  #api;

  constructor(api) {
    super();
    this.#api = api;
  }

  connectedCallback() {
    const t = words();
    const change = async () => (await changePassword(this.#api, { must: true })) && this.dispatchEvent(new Event("changed"));
    this.replaceChildren(
      el(
        "main",
        { class: "sign-in" },
        el("h1", {}, t.mustChangeTitle),
        el("p", {}, t.mustChange),
        button(t.changePassword, { kind: "primary", press: change }),
        button(t.signOut, { kind: "text", press: () => this.dispatchEvent(new Event("sign-out")) }),
      ),
    );
    change();
  }
}

customElements.define("desk-sign-in", DeskSignIn);
customElements.define("desk-first-password", DeskFirstPassword);
