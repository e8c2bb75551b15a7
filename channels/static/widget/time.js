// Times as people say them, in the customer's own time zone.

import { locale } from "./strings.js";

/** `今天 14:05`, `Yesterday 9:30`, `Sat 21 Nov 14:05`. `seconds` since the epoch. */
export function dayAndTime(seconds, words, language, now = new Date()) {
  const at = new Date(seconds * 1000);
  const time = new Intl.DateTimeFormat(locale(language), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  return `${day(at, words, language, now)} ${time}`;
}

function day(at, words, language, now) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const ago = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  const format = (options) => new Intl.DateTimeFormat(locale(language), options).format(at);
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  if (language === "zh") return `${format({ ...year, month: "long", day: "numeric" })} ${format({ weekday: "short" })}`;
  return format({ ...year, month: "short", day: "numeric", weekday: "short" });
}
