// How it was, with a person or the assistant: one tap on a star, and a comment if the customer likes.

import { el, icon } from "./dom.js";

const STARS = [1, 2, 3, 4, 5];

/**
 * The place in a message where a rating is given; `rate(stars, comment)` resolves with what went wrong, or `null`.
 * `question` stands above the stars, unless the message itself has `asked`. `given`: the stars that this browser knows of from before, or 0.
 */
export class RatingPlace {
  #words;
  #rate;
  #limit;
  #stars = 0;

  constructor({ words, question, asked, rate, limit, given }) {
    this.#words = words;
    this.#rate = rate;
    this.#limit = limit;
    this.note = el("p", { class: "note", role: "status" });
    this.stars = STARS.map((count) =>
      el(
        "button",
        { type: "button", class: "star", role: "radio", "aria-checked": "false", "aria-label": words.stars(count), on: { click: () => this.#tap(count), keydown: (event) => this.#key(event, count) } },
        icon("star"),
      ),
    );
    this.comment = el("textarea", { class: "input", rows: "2", maxlength: String(limit), "aria-label": words.comment, placeholder: words.comment });
    this.send = el("button", { type: "button", class: "button", on: { click: () => this.#say() } }, words.sendComment);
    this.more = el("div", { class: "rating-comment", hidden: true }, this.comment, this.send);
    this.node = el(
      "div",
      { class: "rating" },
      !asked && el("p", { class: "rating-question" }, question),
      el("div", { class: "stars", role: "radiogroup", "aria-label": question }, this.stars),
      this.more,
      this.note,
    );
    this.#show(given);
    if (given) this.note.textContent = words.rated;
  }

  async #tap(count) {
    this.#show(count);
    if (!(await this.#tell(""))) return;
    this.more.hidden = false;
    this.node.scrollIntoView({ block: "nearest" });
  }

  async #say() {
    const comment = this.comment.value.trim();
    if (!comment) return;
    this.send.disabled = true;
    if (await this.#tell(comment)) this.more.hidden = true;
    this.send.disabled = false;
  }

  async #tell(comment) {
    const stars = this.#stars;
    this.note.textContent = "";
    const problem = await this.#rate(stars, comment);
    if (stars !== this.#stars) return false; // another tap came in between, and says what counts
    this.note.textContent = problem ? this.#words.ratingProblem : this.#words.rated;
    return !problem;
  }

  #show(count) {
    this.#stars = count;
    this.stars.forEach((star, index) => {
      star.classList.toggle("full", index < count);
      star.setAttribute("aria-checked", String(index + 1 === count));
      star.tabIndex = index + 1 === (count || 1) ? 0 : -1;
    });
  }

  /** Arrows go from star to star, as in any group of choices; Enter or the space bar chooses. */
  #key(event, count) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.stars[Math.min(STARS.length, Math.max(1, count + step)) - 1].focus();
  }
}
