// To see a number that is masked: a reason is asked for, and that somebody looked goes on record.

import { el } from "../lib/ui.js";
import { words } from "../strings.js";
import { ask, show } from "./forms.js";

const PUT_AWAY_MS = 60_000;

/** Ask for the reason, show the numbers, and put them away after a minute. */
export async function unmask(desk, id) {
  const t = words();
  const got = await ask({
    title: t.unmask,
    intro: t.unmaskIntro,
    fields: [
      { name: "reason", label: t.unmaskReason, kind: "textarea", required: true, minlength: 4, maxlength: 500 },
    ],
    action: t.unmask,
    submit: (values) => desk.api.post(desk.api.conversation(id, "unmask"), values),
  });
  if (!got) return;
  const texts = got.messages.map(({ text }) => el("li", {}, text));
  const content = texts.length ? [el("ul", { class: "bullets" }, texts), el("p", { class: "why" }, t.unmaskShown)] : [el("p", {}, t.unmaskNothing)];
  const dialog = show({ title: t.unmask, content, wide: true });
  setTimeout(() => dialog.close(), PUT_AWAY_MS);
}
