// A button that works only once what stands above it could have been read. The server holds to that, too.

import { el } from "./dom.js";

const TICK_MS = 250;

/**
 * Holds `button` back for `seconds`. Returns the node that counts down beside it, and `isOver()`.
 * The seconds are for the eye; screen readers are told once at the beginning and once at the end.
 */
export function readingTime(button, seconds, words) {
  const endsAt = performance.now() + seconds * 1000;
  const left = () => Math.ceil((endsAt - performance.now()) / 1000);
  const count = el("span", { "aria-hidden": "true" }, words.readFirst(left()));
  const status = el("span", { class: "sr-only", role: "status" }, words.readFirst(left()));
  const node = el("span", { class: "wait" }, count, status);
  const isOver = () => left() <= 0;
  button.disabled = true;
  const timer = setInterval(() => {
    if (!isOver()) {
      count.textContent = words.readFirst(left());
      return;
    }
    clearInterval(timer);
    count.textContent = "";
    status.textContent = words.readNow;
    node.dispatchEvent(new Event("over"));
  }, TICK_MS);
  return { node, isOver };
}
