// What all pages of the demonstration bank share: two languages, money, dates, the list of text messages.

const WORDS = {
  zh: {
    bank: "示范银行", phones: "短信", fictional: "这是一家虚构的银行，客户和账目都是编出来的，用来演示助手。",
    sign_in: "登录", sign_in_long: "以示范客户身份登录", sign_out: "退出登录", loading: "正在读取…",
    hero: "信用卡还款遇到困难？有人和您一起想办法。",
    hero_lead: "点右下角打开对话，直接用您自己的话问。登录以后，助手可以查看您的账单，帮您申请分期或延期。",
    tile1: "看清楚欠多少", tile1_text: "本金、利息、违约金，每一项怎么来的都写明白。",
    tile2: "几种办法放在一起比", tile2_text: "分期、延期，各要多少钱、什么时候还。",
    tile3: "随时找人工", tile3_text: "助手办不了的，转给人，不用从头再说。",
    choose: "选一位示范客户登录", choose_lead: "不需要密码。每位客户的情况不同，日期总是以今天为准。",
    link_title: "关联聊天", link_text: "关联以后，这个聊天里的助手可以查看您的账户、替您提交申请。请确认链接来自您自己的聊天；如果是别人发给您的，请不要关联。", link_go: "是我自己的聊天，关联", link_no: "不关联", link_failed: "没有成功，请重新登录后再试。",
    your_phone: "您的手机", your_phone_text: "申请时的验证码会发到这里。", no_sms: "还没有短信。", new_sms: "新短信",
    phones_title: "示范客户的手机短信", phones_lead: "银行发出的验证码都在这里，新的在最上面。",
    hello: (name) => `${name}，您好`, due_now: "现在要还", minimum: "最低还", due_date: "最后还款日", state: "状态",
    nothing_due: "没有要还的", recent: "最近交易",
    states: { current: "正常", due: "未到还款日", in_grace: "宽限期内", overdue: (days) => `已逾期 ${days} 天` },
    asks: "我的信用卡逾期了怎么办？", answers: "先别着急，我们一起看看欠多少、有哪些办法。",
    chip1: "分期还", chip2: "晚点还", chip3: "找人工",
    unavailable: "暂时读不到账户，请稍后刷新。",
    operations_title: "银行处理台", operations_link: "处理台", show: "显示", back: "返回",
    operations_lead: "您在这里扮演银行的工作人员。没有人处理的，到时间会按规则自动决定。",
    unavailable_desk: "暂时读不到，稍后会自动再试。", refused: "没有处理成功，可能刚刚有了变化。请看看现在的状态再试。",
    operations: {
      all: "全部", empty: "这里还没有内容。", note: "给客户的话（可以不写）", amount: "金额（元）",
      approve: "批准", decline: "不批准", ask: "要求补材料", uphold: "认可争议", decline_dispute: "不认可", resume: "材料已收到", pay: "记一笔还款",
      topics: { applications: "申请", disputes: "争议", promises: "还款承诺", hand_overs: "转人工" },
      topic: { disputes: "争议交易", promises: "还款承诺", hand_overs: "转人工" },
      facts: { customer: "客户", reference: "编号", filed: "时间", reason: "原因", terms: "期数", new_due_date: "新还款日", documents: "需要材料", decides: "自动决定", answer_by: "答复期限", pay_on: "约定日期", paid: "已还", priority: "紧急程度", outcome: "结果" },
      kinds: { instalment: "账单分期", deferral: "延期还款", agreement: "个性化分期协议", waiver: "息费减免", early_settlement: "提前结清", hardship: "困难申报" },
      statuses: { submitted: "已提交", in_review: "审核中", approved: "已通过", declined: "未通过", needs_documents: "待补材料", withdrawn: "已撤回", expired: "已过期", active: "进行中", completed: "已完成", broken: "未履行", open: "进行中", kept: "已履行", upheld: "已认可", closed: "已处理" },
      reasons: { unstable_income: "收入不稳定", unemployment: "失业", illness: "生病", no_reminder: "没有收到提醒", forgot: "忘记了", overspending: "消费过多", other_debts: "其他债务", money_management: "理财安排", dispute: "有争议", other: "其他" },
      disputes: { not_mine: "不是本人交易", wrong_amount: "金额不对", charged_twice: "重复扣款", not_received: "没有收到货", cancelled: "已取消", other: "其他" },
      papers: { identity: "身份证明", unemployment: "失业证明", diagnosis: "诊断证明", medical_bill: "医疗账单", bank_statement: "银行流水", business_closure: "停业证明", disaster: "受灾证明", repayment_plan: "还款计划", other: "其他" },
      priorities: { normal: "一般", high: "优先", urgent: "紧急" },
      outcomes: { resolved: "已解决", unresolved: "未解决", not_reached: "未联系上", passed_on: "已转交" },
    },
    situations: {
      "demo-m1-first": ["陈女士", "第一次逾期，刚过几天"], "demo-m1-partial": ["刘先生", "逾期，已经还了一部分"],
      "demo-grace": ["赵女士", "过了还款日，还在宽限期"], "demo-due-soon": ["王先生", "没有逾期，两天后到期"],
      "demo-m2": ["孙先生", "逾期一个多月"], "demo-m4": ["周女士", "逾期三个月以上"],
      "demo-two-cards": ["吴女士", "两张卡，其中一张逾期"], "demo-pending": ["郑先生", "还款正在路上"],
      "demo-disputed": ["冯女士", "有一笔有争议的交易"], "demo-instalment": ["何先生", "有一个分期正在还"],
      "demo-agreement": ["高女士", "签了个性化分期协议，在按期还"],
      "demo-english": ["Ms Taylor", "说英语的客户，逾期"], "demo-clear": ["林女士", "什么都不欠"],
    },
  },
  en: {
    bank: "Demo Bank", phones: "Messages",
    fictional: "This bank is invented, and so are its customers and accounts. It is here to show the assistant.",
    sign_in: "Sign in", sign_in_long: "Sign in as a demonstration customer", sign_out: "Sign out", loading: "Loading…",
    hero: "Trouble paying your credit card? You are not alone with it.",
    hero_lead: "Open the chat at the bottom right and ask in your own words. Once you are signed in, the assistant sees your bill and can take a request for instalments or more time.",
    tile1: "See what is owed", tile1_text: "Spending, interest, late fee: each item explained.",
    tile2: "Compare the ways out", tile2_text: "Instalments, more time: what they cost and when to pay.",
    tile3: "Reach a person", tile3_text: "What the assistant cannot settle goes to people, with the whole story.",
    choose: "Choose a demonstration customer", choose_lead: "No password needed. Each has another situation; the dates always follow today's.",
    link_title: "Link your chat", link_text: "Once linked, the assistant in that chat can see your account and file requests for you. Make sure that the link came in your own chat; if somebody sent it to you, do not go on.", link_go: "It is my own chat: link it", link_no: "Do not link", link_failed: "It did not work. Please sign in again and retry.",
    your_phone: "Your phone", your_phone_text: "One-time codes for requests arrive here.", no_sms: "No messages yet.", new_sms: "New text message",
    phones_title: "The customers' text messages", phones_lead: "Every code that the bank sent, newest first.",
    hello: (name) => `Hello, ${name}`, due_now: "To pay now", minimum: "At least", due_date: "Due date", state: "State",
    nothing_due: "Nothing to pay", recent: "Latest transactions",
    states: { current: "In order", due: "Not due yet", in_grace: "In the grace period", overdue: (days) => `Overdue for ${days} ${days === 1 ? "day" : "days"}` },
    asks: "My card is overdue, what do I do?", answers: "Let us look at it together: what is owed, and the ways out.",
    chip1: "Instalments", chip2: "More time", chip3: "A person",
    unavailable: "The account cannot be read at the moment. Please reload in a while.",
    operations_title: "The bank's desk", operations_link: "Desk", show: "Show", back: "Back",
    operations_lead: "You play the bank's people here. What nobody decides is decided by plain rules after a while.",
    unavailable_desk: "This cannot be read at the moment. It is tried again in a while.", refused: "That did not work; something may have changed just now. Please look again and retry.",
    operations: {
      all: "All", empty: "Nothing here yet.", note: "A word to the customer (optional)", amount: "Amount (yuan)",
      approve: "Approve", decline: "Decline", ask: "Ask for documents", uphold: "Uphold", decline_dispute: "Decline", resume: "Documents are here", pay: "Book a payment",
      topics: { applications: "Requests", disputes: "Disputes", promises: "Promises", hand_overs: "Hand-overs" },
      topic: { disputes: "Disputed transaction", promises: "Promise to pay", hand_overs: "Hand-over" },
      facts: { customer: "Customer", reference: "Reference", filed: "Time", reason: "Reason", terms: "Terms", new_due_date: "New due date", documents: "Documents needed", decides: "Decided by rule", answer_by: "Answer by", pay_on: "Promised for", paid: "Paid", priority: "Priority", outcome: "Outcome" },
      kinds: { instalment: "Instalments", deferral: "More time", agreement: "Personal agreement", waiver: "Fee waiver", early_settlement: "Early settlement", hardship: "Hardship" },
      statuses: { submitted: "Submitted", in_review: "In review", approved: "Approved", declined: "Declined", needs_documents: "Needs documents", withdrawn: "Withdrawn", expired: "Expired", active: "Running", completed: "Completed", broken: "Broken", open: "Open", kept: "Kept", upheld: "Upheld", closed: "Closed" },
      reasons: { unstable_income: "Unstable income", unemployment: "Unemployment", illness: "Illness", no_reminder: "No reminder", forgot: "Forgot", overspending: "Overspending", other_debts: "Other debts", money_management: "Money management", dispute: "Dispute", other: "Other" },
      disputes: { not_mine: "Not the customer's", wrong_amount: "Wrong amount", charged_twice: "Charged twice", not_received: "Not received", cancelled: "Cancelled", other: "Other" },
      papers: { identity: "Identity", unemployment: "Unemployment", diagnosis: "Diagnosis", medical_bill: "Medical bill", bank_statement: "Bank statement", business_closure: "Business closure", disaster: "Disaster", repayment_plan: "Repayment plan", other: "Other" },
      priorities: { normal: "Normal", high: "High", urgent: "Urgent" },
      outcomes: { resolved: "Resolved", unresolved: "Unresolved", not_reached: "Not reached", passed_on: "Passed on" },
    },
    situations: {
      "demo-m1-first": ["Ms Chen", "overdue for the first time, by a few days"], "demo-m1-partial": ["Mr Liu", "overdue, paid a part"],
      "demo-grace": ["Ms Zhao", "past the due date, still in the grace period"], "demo-due-soon": ["Mr Wang", "not overdue, due in two days"],
      "demo-m2": ["Mr Sun", "overdue for more than a month"], "demo-m4": ["Ms Zhou", "overdue for more than three months"],
      "demo-two-cards": ["Ms Wu", "two cards, one of them overdue"], "demo-pending": ["Mr Zheng", "a payment is on its way"],
      "demo-disputed": ["Ms Feng", "disputes a transaction"], "demo-instalment": ["Mr He", "pays by instalments already"],
      "demo-agreement": ["Ms Gao", "keeps a personal instalment agreement"],
      "demo-english": ["Ms Taylor", "English-speaking, overdue"], "demo-clear": ["Ms Lin", "owes nothing"],
    },
  },
};

const KEY = "demonstration-bank-language";
let current = localStorage.getItem(KEY) || (navigator.language.startsWith("zh") ? "zh" : "en");

/** The words of the page's language. */
export const words = () => WORDS[current];
/** `zh` or `en`. */
export const language = () => current;

const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

/** `"1234.50"` → `¥1,234.50`, without going through a float. */
export function money(text) {
  const [whole, cents] = text.replace("-", "").split(".");
  return `${text.startsWith("-") ? "-" : ""}¥${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}

/** An ISO date as people say it. */
export function day(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  const format = (options) => new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...options }).format(date);
  if (current === "zh") return `${format({ month: "long", day: "numeric" })} ${format({ weekday: "short" })}`;
  return format({ month: "short", day: "numeric", weekday: "short" });
}

/** A moment with its hour, at the bank. */
export function moment(iso) {
  const format = new Intl.DateTimeFormat(locale(), { timeZone: "Asia/Shanghai", month: current === "zh" ? "long" : "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  return format.format(new Date(iso));
}

/** An element with a class, text and children. */
export function el(name, className = "", text = "", ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(text, ...children);
  return node;
}

/** Put the words of the language on the page, keep the switch working, and call `render` now and after each switch. */
export function start(render = () => {}) {
  const show = () => {
    document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
    document.title = words().bank;
    document.querySelectorAll("[data-t]").forEach((node) => { node.textContent = words()[node.dataset.t]; });
    document.getElementById("language").textContent = current === "zh" ? "English" : "中文";
    const chat = document.querySelector("overdue-assistant");
    if (chat) chat.setAttribute("language", current);
    render();
  };
  document.getElementById("language").addEventListener("click", () => set(current === "zh" ? "en" : "zh", show));
  document.addEventListener("overdue-assistant:sign-in", (event) => { event.preventDefault(); location.assign("/sign-in"); });
  show();
  return show;
}

/** Choose the language; remembered by this browser. */
export function set(value, show = () => {}) {
  current = value;
  localStorage.setItem(KEY, value);
  show();
}

/** Keep the list of text messages fresh; `mine` picks those to show, `arrived` is called with each new one. */
export function followMessages(mine = () => true, arrived = () => {}) {
  const list = document.getElementById("sms");
  const empty = document.getElementById("no-sms");
  let shown = null;
  async function refresh() {
    try {
      const answer = await fetch("/sandbox/sms", { cache: "no-store" });
      const messages = answer.ok ? (await answer.json()).filter(mine).slice(0, 20) : [];
      const state = JSON.stringify(messages);
      if (state !== shown) {
        if (shown !== null && messages.length && !shown.includes(JSON.stringify(messages[0]))) arrived(messages[0]);
        shown = state;
        list.replaceChildren(...messages.map((message) => el("li", "", "", sent(message), message.text)));
        empty.hidden = messages.length > 0;
      }
    } catch { /* the bank is stopped; the next round tries again */ }
  }
  refresh();
  setInterval(() => { if (!document.hidden) refresh(); }, 2000);
}

function sent(message) {
  const at = new Date(message.sent_at);
  const time = el("time", "", `${message.masked_phone} · ${new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" }).format(at)}`);
  time.dateTime = message.sent_at;
  return time;
}
