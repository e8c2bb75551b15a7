import { day, el, language, money, moment, start, words } from "./page.js";

const TOPICS = ["applications", "disputes", "promises", "hand_overs"];
const WAITING = { applications: ["in_review", "needs_documents", "submitted"], disputes: ["in_review", "needs_documents", "submitted"], promises: ["open"], hand_overs: ["open"] };
const EVERY = 5000; // milliseconds between two looks at the desk

let desk = null;
let topic = TOPICS[0];
let status = ""; // all
let problem = "";

const node = (id) => document.getElementById(id);
const said = (group, value) => words().operations[group]?.[value] ?? value;
const waits = (kind, entry) => WAITING[kind].includes(entry.status);

async function load() {
  try {
    const answer = await fetch("/sandbox/desk", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    problem = "";
    if (JSON.stringify(found) === JSON.stringify(desk)) return;
    desk = found;
  } catch {
    problem = words().unavailable_desk;
  }
  show();
}

async function send(path, body) {
  const answer = await fetch(`/sandbox/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
    .catch(() => null);
  await load();
  if (!answer?.ok) {
    problem = words().refused;
    show();
  }
}

/** Ask before something is decided; `confirmed` gets the note or the sum. */
function ask({ title, about, label, amount = "", confirm, confirmed }) {
  node("dialog-title").textContent = title;
  node("dialog-about").textContent = about;
  node("dialog-label").firstElementChild.textContent = label ?? "";
  node("dialog-label").hidden = !label;
  node("note").hidden = Boolean(amount);
  node("amount").hidden = !amount;
  node("amount").required = Boolean(amount);
  node("note").value = "";
  node("amount").value = amount;
  node("confirm").textContent = confirm;
  node("form").onsubmit = () => confirmed(amount ? Number(node("amount").value).toFixed(2) : node("note").value.trim() || null);
  node("dialog").showModal();
}

function button(text, act, main = false) {
  const made = el("button", main ? "button" : "quiet", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

const about = (entry) => `${entry.customer} · ${entry.reference}`;

function decision(entry, path, approve, name) {
  const { operations } = words();
  const confirmed = (note) => send(`${path}/${entry.reference}/decide`, { approve, note });
  return button(operations[name], () => ask({ title: operations[name], about: about(entry), label: operations.note, confirm: operations[name], confirmed }), approve);
}

const ACTIONS = {
  applications(entry) {
    if (entry.status !== "in_review") return [];
    const { operations } = words();
    const confirmed = () => send(`applications/${entry.reference}/ask`, { documents: [] });
    return [
      decision(entry, "applications", true, "approve"), decision(entry, "applications", false, "decline"),
      button(operations.ask, () => ask({ title: operations.ask, about: about(entry), confirm: operations.ask, confirmed })),
    ];
  },
  disputes(entry) {
    const { operations } = words();
    const path = `disputes/${entry.reference}`;
    if (entry.status === "needs_documents") return [button(operations.resume, () => send(`${path}/resume`, {}), true), decision(entry, "disputes", false, "decline_dispute")];
    if (entry.status !== "in_review") return [];
    return [
      decision(entry, "disputes", true, "uphold"), decision(entry, "disputes", false, "decline_dispute"),
      button(operations.ask, () => ask({ title: operations.ask, about: about(entry), confirm: operations.ask, confirmed: () => send(`${path}/ask`, {}) })),
    ];
  },
  promises(entry) {
    if (entry.status !== "open") return [];
    const { operations } = words();
    const confirmed = (amount) => send(`customers/${entry.customer_id}/cards/${entry.card_id}/payments`, { amount });
    return [button(operations.pay, () => ask({ title: operations.pay, about: about(entry), label: operations.amount, amount: entry.amount, confirm: operations.pay, confirmed }), true)];
  },
  hand_overs() { return []; },
};

const FACTS = {
  applications: (entry) => [
    ["filed", moment(entry.filed_at)], ["reason", entry.reason && said("reasons", entry.reason)],
    ["terms", entry.terms], ["new_due_date", entry.new_due_date && day(entry.new_due_date)],
    ["documents", entry.documents_needed.map((kind) => said("papers", kind)).join(language() === "zh" ? "、" : ", ")],
    ["decides", entry.decides_at && moment(entry.decides_at)],
  ],
  disputes: (entry) => [
    ["filed", moment(entry.filed_at)], ["reason", said("disputes", entry.reason)],
    ["answer_by", entry.answer_by && day(entry.answer_by)], ["decides", entry.decides_at && moment(entry.decides_at)],
  ],
  promises: (entry) => [["filed", moment(entry.created_at)], ["pay_on", day(entry.pay_on)], ["paid", money(entry.paid)]],
  hand_overs: (entry) => [
    ["filed", moment(entry.opened_at)], ["priority", said("priorities", entry.priority)], ["reason", entry.reason],
    ["outcome", entry.outcome && said("outcomes", entry.outcome)],
  ],
};

function item(entry) {
  const title = topic === "applications" ? said("kinds", entry.kind) : words().operations.topic[topic];
  const facts = FACTS[topic](entry).filter(([, value]) => value);
  const list = el("dl", "", "", ...facts.flatMap(([name, value]) => [el("dt", "", words().operations.facts[name]), el("dd", "", String(value))]));
  const badge = el("span", `badge${waits(topic, entry) ? " waits" : ""}`, said("statuses", entry.status));
  const card = entry.card_last4 ? ` · ${entry.card_last4}` : "";
  const node = el("li", "", "", el("header", "", "", el("h2", "", title), badge));
  if (entry.amount) node.append(el("p", "sum", money(entry.amount)));
  list.prepend(el("dt", "", words().operations.facts.customer), el("dd", "", `${entry.customer}${card}`), el("dt", "", words().operations.facts.reference), el("dd", "", entry.reference));
  node.append(list);
  for (const text of [entry.statement, entry.summary, entry.note]) if (text) node.append(el("p", "words", text));
  const actions = ACTIONS[topic](entry);
  if (actions.length) node.append(el("div", "actions", "", ...actions));
  return node;
}

function showTopics() {
  node("topics").replaceChildren(...TOPICS.map((name) => {
    const count = desk ? desk[name].filter((entry) => waits(name, entry)).length : 0;
    const tab = el("button", "", words().operations.topics[name], count ? el("small", "", String(count)) : "");
    tab.type = "button";
    tab.setAttribute("aria-pressed", String(name === topic));
    tab.addEventListener("click", () => { topic = name; status = ""; show(); });
    return tab;
  }));
}

function showFilter() {
  const states = [...new Set((desk?.[topic] ?? []).map((entry) => entry.status))];
  if (!states.includes(status)) status = "";
  const option = (value, text) => {
    const made = el("option", "", text);
    made.value = value;
    made.selected = value === status;
    return made;
  };
  node("filter").replaceChildren(option("", words().operations.all), ...states.map((value) => option(value, said("statuses", value))));
}

function show() {
  showTopics();
  showFilter();
  const entries = (desk?.[topic] ?? []).filter((entry) => !status || entry.status === status);
  const empty = desk ? words().operations.empty : words().loading;
  node("state").textContent = problem || (entries.length ? "" : empty);
  node("state").hidden = !node("state").textContent;
  node("desk").replaceChildren(...entries.map(item));
}

node("filter").addEventListener("change", (event) => { status = event.target.value; show(); });
node("cancel").addEventListener("click", () => node("dialog").close());
start(show);
load();
setInterval(() => { if (!document.hidden && !node("dialog").open) load(); }, EVERY);
