/** The page: who there is, the phone of one of them, and what goes on backstage. */

import { act, everyPhone, newPhone, phone, Refused } from "./api.js";
import { Backstage } from "./backstage.js";
import { Composer } from "./composer.js";
import { element, icon, iconButton, toast } from "./dom.js";
import { Messages } from "./messages.js";
import { language, t } from "./strings.js";

const PLATFORMS = ["wechat", "wecom"];
const RETRY_MS = 2000;

const people = document.getElementById("people");
const screen = document.getElementById("phone");
const side = document.getElementById("backstage");
let looking = new AbortController();

document.documentElement.lang = language === "en" ? "en" : "zh-CN";
document.title = t("title");

async function showPeople() {
  const phones = await everyPhone();
  people.replaceChildren(
    element("header", {}, element("h1", {}, t("title")), element("p", { className: "faint" }, t("lead"))),
    ...PLATFORMS.map((platform) => group(platform, phones.filter((one) => one.platform === platform))),
  );
}

function group(platform, phones) {
  const rows = phones.map((one) => {
    const here = location.hash === hashOf(one);
    const name = element("a", { href: hashOf(one) }, icon("person"), nameOf(one));
    if (here) name.setAttribute("aria-current", "page");
    return element("li", {}, name);
  });
  const create = async () => { location.hash = hashOf(await newPhone(platform)); };
  return element(
    "section", { className: `group ${platform}` },
    element("h2", {}, t(platform)),
    element("p", { className: "faint" }, t(`${platform}_lead`)),
    element("ul", {}, ...rows),
    element("button", { type: "button", className: "main", "data-new": platform, onclick: create }, t("new_customer")),
  );
}

const hashOf = (chat) => `#${chat.platform}/${chat.subject}`;
const nameOf = (chat) => (/^\d+$/.test(chat.name) ? t("customer", chat.name) : chat.name);

/** Draw the phone that the address names, or the list alone. */
async function route() {
  looking.abort();
  looking = new AbortController();
  const [platform, subject] = location.hash.slice(1).split("/");
  const chosen = PLATFORMS.includes(platform) && Boolean(subject);
  document.body.classList.toggle("chosen", chosen);
  screen.hidden = side.hidden = !chosen;
  try {
    await showPeople();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the network's; `look` says so and tries again
  }
  if (chosen) await look({ platform, subject }, looking.signal);
}

function frame(chat, doIt) {
  const title = element("h2", { "aria-live": "polite" });
  const list = element("ol", { className: "screen", role: "log", "aria-label": t(`account_${chat.platform}`), tabIndex: 0 });
  const bar = element("footer");
  const toggle = iconButton("more", t("more"), () => document.body.classList.toggle("behind"));
  const back = element("a", { href: "#", className: "icon back", title: t("back"), "aria-label": t("back") }, icon("back"));
  screen.replaceChildren(element("header", {}, back, title, toggle), list, bar);
  return {
    title,
    list,
    messages: new Messages(list, (entry, choice) => doIt("press", { number: entry.number, id: choice.id })),
    composer: new Composer(bar, chat.platform, doIt),
    backstage: new Backstage(side, doIt),
  };
}

/** Show the phone as it changes, until another one is chosen. */
async function look(chat, signal) {
  const doIt = async (name, values) => {
    try {
      await act(chat, name, values);
      return true;
    } catch (error) {
      toast(error instanceof Refused ? error.message : t("failed"));
      return false;
    }
  };
  const parts = frame(chat, doIt);
  let [after, version] = [0, null];
  const ticking = setInterval(() => parts.backstage.tick(), 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));
  while (!signal.aborted) {
    try {
      const view = await phone(chat, after, version, signal);
      const [changed, more] = [view.version !== version, view.entries.length > 0];
      [after, version] = [after + view.entries.length, view.version];
      if (changed) await draw(parts, view);
      if (more) parts.list.scrollTop = parts.list.scrollHeight;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status === 404) return void (location.hash = "");
      toast(t("offline"));
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

async function draw(parts, view) {
  parts.title.textContent = view.typing ? t("typing") : t(`account_${view.platform}`);
  parts.messages.add(view.entries);
  parts.composer.show(view);
  await parts.backstage.show(view);
}

window.addEventListener("hashchange", route);
route();
