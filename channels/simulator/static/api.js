/** The simulator's own HTTP routes. */

import { knows, t } from "./strings.js";

/** Says in the page's words why something was not done. */
export class Refused extends Error {}

async function call(path, options = {}) {
  const answer = await fetch(path, options);
  const body = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) {
    const refused = new Refused(knows(body?.error ?? "") ? t(body.error) : t("failed"));
    refused.status = answer.status;
    throw refused;
  }
  return body;
}

function post(path, values = {}) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });
}

const address = (chat) => `/phones/${chat.platform}/${encodeURIComponent(chat.subject)}`;

export const everyPhone = () => call("/phones");
export const newPhone = (platform) => post("/phones", { platform });
export const act = (chat, name, values) => post(`${address(chat)}/${name}`, values);
export const skip = (seconds) => post("/control/skip", { seconds });
export const backstage = () => call("/control/");

/** The phone, once it shows more than `version` (or after a while); entries beyond number `after` only. */
export function phone(chat, after, version, signal) {
  const wish = new URLSearchParams(version === null ? { after } : { after, version, seconds: 25 });
  return call(`${address(chat)}?${wish}`, { signal });
}

/** Give the platform a file; its media id. */
export async function upload(file, name) {
  const kept = await call(`/media?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
  });
  return kept.media_id;
}
