import { day, el, followMessages, money, start, words } from "./page.js";

let account = null;
let problem = false;

function fact(label, value, big = false) {
  return el("div", "", "", el("dt", "", label), el("dd", big ? "big" : "", value));
}

function facts(bill) {
  const state = words().states[bill.state];
  const list = el("dl", "facts", "",
    fact(words().due_now, bill.total === "0.00" ? words().nothing_due : money(bill.total), true));
  if (bill.remaining_minimum !== "0.00") list.append(fact(words().minimum, money(bill.remaining_minimum)));
  list.append(
    fact(words().due_date, day(bill.due_date)),
    fact(words().state, typeof state === "function" ? state(bill.days_past_due) : state));
  return list;
}

function plastic(card) {
  const number = el("span", "number", "", el("span", "dots"), card.last4);
  return el("div", "plastic", "", el("span", "issuer", words().bank), el("span", "chip"), el("span", "product", card.name), number);
}

function transaction(entry) {
  return el("li", "", "",
    el("span", "what", entry.description, el("small", "", day(entry.posted_on))),
    el("span", "sum", money(entry.amount)));
}

function card(entry) {
  const node = el("section", "card", "", el("div", "account", "", plastic(entry.card), entry.bill ? facts(entry.bill) : ""));
  if (entry.transactions.length) {
    node.append(el("h2", "", words().recent), el("ul", "rows", "", ...entry.transactions.map(transaction)));
  }
  return node;
}

const show = start(() => {
  const state = document.getElementById("state");
  state.hidden = !problem;
  state.textContent = problem ? words().unavailable : "";
  if (!account) return;
  document.getElementById("greeting").textContent = words().hello(account.name);
  document.getElementById("cards").replaceChildren(...account.cards.map(card));
});

async function load() {
  try {
    const answer = await fetch("/account.json", { cache: "no-store" });
    if (answer.status === 401) {
      location.assign("/sign-in");
      return;
    }
    problem = !answer.ok;
    if (answer.ok) account = await answer.json();
  } catch {
    problem = true;
  }
  show();
}

// The visitor's phone lies beside the screen; where the page has no room for it, a new message shows on top of
// everything, the chat included.
const toast = document.getElementById("toast");
let toastTimer = 0;

function notify(message) {
  const { top, bottom } = document.getElementById("sms").getBoundingClientRect();
  const besideChat = matchMedia("(min-width: 1100px)").matches;
  if (besideChat && top >= 0 && bottom - innerHeight < 0) return;
  clearTimeout(toastTimer);
  toast.replaceChildren(el("strong", "", words().new_sms), el("span", "", message.text));
  toast.hidePopover?.(); // shown again, it comes above a window that was opened since
  toast.showPopover?.();
  toastTimer = setTimeout(() => toast.hidePopover?.(), 12_000);
}

load().then(() => followMessages((message) => message.customer_id === account?.id, notify));

// The page makes room for the chat.
for (const [event, open] of [["open", true], ["close", false]]) {
  document.addEventListener(`overdue-assistant:${event}`, () => document.body.classList.toggle("chatting", open));
}
