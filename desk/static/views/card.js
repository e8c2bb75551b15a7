// The assistant's cards as the customer sees them: drawn and styled by the code of the customers' chat.

import { card } from "../../shared/widget/card.js";
import { strings } from "../../shared/widget/strings.js";
import { el } from "../lib/ui.js";
import { language } from "../strings.js";

const style = new CSSStyleSheet();
const LOOK = `
  :host { display: block; max-width: 460px; }
  .frame { font-size: 14px; }
  .card { padding: 12px; border-radius: 12px; }
  .card > * + * { margin-top: 8px; }
  .card-head h3 { font-size: 14px; }
  .figure-value { font-size: 20px; }
  .row { padding: 4px 0; }
  .option summary { min-height: 40px; padding: 4px 0; }
  summary { min-height: 36px; }
`;
const own = new CSSStyleSheet();
own.replaceSync(LOOK);
// Colours come from the page, which has the same; imports are not possible in a sheet that is shared.
fetch(new URL("../../shared/widget/widget.css", import.meta.url))
  .then((answer) => answer.text())
  .then((text) => style.replaceSync(text.replace(/@import[^;]+;/, "")));

class ShownCard extends HTMLElement {
  constructor(data) {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, own];
    root.append(el("div", { class: "frame" }, card(data, strings(language()))));
  }
}

customElements.define("desk-shown-card", ShownCard);

/** An element for a card as it stands in a message; nothing for what is no card. */
export function shownCard(data) {
  return data && typeof data === "object" ? new ShownCard(data) : null;
}
