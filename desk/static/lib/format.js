// Times, durations, amounts and sizes as the agent reads them. The clock is the bank's, wherever the browser is.

import { locale, words } from "../strings.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const BANK_ZONE = "Asia/Shanghai";
const BANK_OFFSET = "+08:00"; // without daylight saving
const BANK_OFFSET_MS = 8 * HOUR * 1000;

/** Milliseconds since the epoch of an ISO text, or of seconds since the epoch; `NaN` of nothing. */
export function moment(value) {
  if (typeof value === "number") return value * 1000;
  return value ? Date.parse(value) : NaN;
}

const formats = new Map();
function format(options) {
  const key = `${locale()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { timeZone: BANK_ZONE, ...options }));
  return formats.get(key);
}

/** `14:05` today, otherwise with the day. */
export function clockTime(value) {
  const at = moment(value);
  if (Number.isNaN(at)) return "";
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  return sameDay(at, Date.now()) ? time : `${day(at)} ${time}`;
}

/** Day, month and time, whatever day it is. */
export function fullTime(value) {
  const at = moment(value);
  if (Number.isNaN(at)) return "";
  return format({ year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** `今天`, `昨天`, `11月20日 周五`. Takes milliseconds. */
export function day(at) {
  const t = words();
  if (sameDay(at, Date.now())) return t.today;
  if (sameDay(at, Date.now() - DAY * 1000)) return t.yesterday;
  return format({ month: "short", day: "numeric", weekday: "short" }).format(at);
}

/** Whether two moments, in milliseconds, fall on the same day at the bank. */
export function sameDay(one, other) {
  return forInput(one).slice(0, 10) === forInput(other).slice(0, 10);
}

/** `11月25日`, `25 Nov 2026`, of the bank's `2026-11-25`, whatever the time zone here. */
export function date(text) {
  const [year, month, dayOfMonth] = String(text).split("-").map(Number);
  if (!dayOfMonth) return String(text);
  const options = { timeZone: "UTC", month: "short", day: "numeric", ...(year === new Date().getFullYear() ? {} : { year: "numeric" }) };
  return format(options).format(Date.UTC(year, month - 1, dayOfMonth));
}

/** How long: `45 秒`, `3 分`, `1 小时 5 分`, `2 天`. */
export function duration(seconds) {
  const t = words();
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return t.seconds(whole);
  if (whole < HOUR) return t.minutes(Math.floor(whole / MINUTE));
  if (whole < DAY) return t.hours(Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE));
  return t.days(Math.floor(whole / DAY));
}

/** `¥1,234.50` of the bank's `"1234.50"`, digit for digit. */
export function money(text) {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(String(text ?? ""));
  if (!match) return String(text ?? "");
  return `${match[1]}¥${match[2].replace(/\B(?=(\d{3})+$)/g, ",")}${match[3] ?? ""}`;
}

/** `18.25%` of the bank's `"0.1825"`. */
export function percent(text) {
  return new Intl.NumberFormat(locale(), { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(Number(text));
}

/** `2026-11-22T09:30` at the bank, for an input of date and time, from milliseconds. */
export function forInput(at) {
  return new Date(at + BANK_OFFSET_MS).toISOString().slice(0, 16);
}

/** What such an input gives, with its offset, as the server takes it. */
export function fromInput(text) {
  return `${text}${BANK_OFFSET}`;
}
