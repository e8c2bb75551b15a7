// The outbox, the calls to be made, and the report. Texts are put in as text, never as markup.

const WORDS = {
  en: {
    title: "Outreach", outbox: "Outbox", calls: "Calls", report: "Report", customer: "Customer", channel: "Channel",
    all: "All", email: "E-mail", sms: "SMS", webchat: "Chat", phone: "Call", wechat: "WeChat", more: "Show earlier ones",
    from: "From", to: "To", by: "Count by", byDay: "day", byCustomer: "day and customer", download: "Download CSV",
    definition: "Each line is what became of contacts, by the rule that allowed or stopped them, and where the rule comes from. A delay is counted once as long as the same rule holds.",
    loading: "Loading …", failed: "This could not be loaded. Is the process running?", nothing: "Nothing has been sent yet.",
    noCalls: "There is no call to be made now.", noLines: "Nothing happened in these days.", until: "until",
    day: "Day", outcome: "Outcome", rule: "Rule", source: "Source", count: "Number",
    sending: "being sent", sent: "sent", delivered: "delivered", unknown: "not certain", planned: "planned",
    answered: "answered", no_answer: "no answer", refused: "refused", stopped: "stopped", postponed: "later", failedState: "failed",
    task: "task",
  },
  zh: {
    title: "客户触达", outbox: "已发送", calls: "待拨电话", report: "合规报表", customer: "客户", channel: "渠道",
    all: "全部", email: "邮件", sms: "短信", webchat: "在线对话", phone: "电话", wechat: "微信", more: "查看更早的消息",
    from: "从", to: "到", by: "统计方式", byDay: "按日", byCustomer: "按日和客户", download: "下载 CSV",
    definition: "每一行是触达的结果、允许或阻止它的规则以及规则的出处。同一规则造成的推迟只计一次。",
    loading: "加载中……", failed: "加载失败，请确认服务正在运行。", nothing: "还没有发送任何消息。",
    noCalls: "目前没有需要拨打的电话。", noLines: "这几天没有记录。", until: "截止",
    day: "日期", outcome: "结果", rule: "规则", source: "出处", count: "次数",
    sending: "发送中", sent: "已发送", delivered: "已送达", unknown: "不确定", planned: "已安排",
    answered: "已接通", no_answer: "无人接听", refused: "拒绝", stopped: "未联系", postponed: "推迟", failedState: "失败",
    task: "任务",
  },
};
const language = navigator.language.startsWith("zh") ? "zh" : "en";
const say = (name) => WORDS[language][name] ?? name;
const outcome = (name) => say(name === "failed" ? "failedState" : name);
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });

function make(tag, content = "", className = "") {
  const node = document.createElement(tag);
  node.textContent = content;
  if (className) node.className = className;
  return node;
}

async function load(path, values) {
  const given = Object.entries(values).filter(([, value]) => value);
  const answer = await fetch(`${path}?${new URLSearchParams(given)}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Show that something is loaded, then what came, or that it failed. An answer that was overtaken is dropped. */
const latest = new Map();
async function shown(section, work) {
  const state = section.querySelector(".state");
  const turn = (latest.get(section) ?? 0) + 1;
  latest.set(section, turn);
  state.textContent = say("loading");
  let told;
  try {
    const show = await work();
    if (latest.get(section) !== turn) return;
    told = show();
  } catch {
    told = say("failed");
  }
  if (latest.get(section) === turn) state.textContent = told;
}

function message(item) {
  const node = make("li");
  const facts = make("p", "", "facts");
  const state = item.channel === "phone" && item.state === "sent" ? "task" : item.state;
  facts.append(
    make("span", say(item.channel)), make("time", moment.format(new Date(item.at))), make("span", item.customer_id),
    make("span", item.step), make("span", outcome(state), `badge ${item.state}`),
  );
  if (item.shown_to) facts.append(make("span", item.shown_to));
  node.append(facts);
  if (item.channel === "email") node.append(make("h2", item.subject));
  const text = make("p", item.text, "text");
  text.lang = item.language;
  node.append(text);
  return node;
}

const outbox = document.getElementById("outbox");
let oldest = "";

function showOutbox(before = "") {
  const values = Object.fromEntries(new FormData(outbox.querySelector("form")));
  return shown(outbox, async () => {
    const found = await load("/api/messages", { ...values, before });
    return () => {
      const list = outbox.querySelector(".list");
      if (!before) list.replaceChildren();
      list.append(...found.items.map(message));
      oldest = found.items.at(-1)?.id ?? "";
      outbox.querySelector(".more").hidden = !found.more;
      return list.children.length ? "" : say("nothing");
    };
  });
}

const calls = document.getElementById("calls");

function showCalls() {
  return shown(calls, async () => {
    const found = await load("/api/calls", {});
    return () => {
      calls.querySelector(".list").replaceChildren(...found.items.map((task) => {
        const node = make("li");
        const facts = make("p", "", "facts");
        const ends = `${say("until")} ${moment.format(new Date(task.call_until))}`;
        facts.append(make("span", task.customer_id), make("span", ends));
        const script = make("p", task.script, "text");
        script.lang = task.language;
        node.append(facts, script);
        return node;
      }));
      return found.items.length ? "" : say("noCalls");
    };
  });
}

const report = document.getElementById("report");

function showReport() {
  const values = Object.fromEntries(new FormData(report.querySelector("form")));
  const { by, ...span } = values;
  report.querySelector(".button").href = `/report.csv?${new URLSearchParams(Object.entries(span).filter(([, v]) => v))}`;
  return shown(report, async () => {
    const { items } = await load("/api/report", values);
    return () => {
      const columns = ["day", ...(by === "customer" ? ["customer"] : []), "channel", "outcome", "rule", "source", "count"];
      const head = make("tr");
      head.append(...columns.map((name) => make("th", say(name), name === "count" ? "number" : "")));
      report.querySelector("thead").replaceChildren(head);
      const lines = items.map((item) => {
        const row = make("tr");
        const told = { ...item, customer: item.customer_id, channel: say(item.channel), outcome: outcome(item.outcome) };
        row.append(...columns.map((name) => make("td", String(told[name]), name === "count" ? "number" : "")));
        return row;
      });
      report.querySelector("tbody").replaceChildren(...lines);
      report.querySelector(".table").hidden = !items.length;
      return items.length ? "" : say("noLines");
    };
  });
}

const SHOW = { outbox: showOutbox, calls: showCalls, report: showReport };

function turn() {
  const name = location.hash.slice(1) in SHOW ? location.hash.slice(1) : "outbox";
  for (const section of document.querySelectorAll("section")) section.hidden = section.id !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  SHOW[name]();
}

document.documentElement.lang = language;
for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
document.title = say("title");
outbox.querySelector(".more").addEventListener("click", () => showOutbox(oldest));
outbox.querySelector("form").addEventListener("change", () => showOutbox());
report.querySelector("form").addEventListener("change", () => showReport());
for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", turn);
turn();
