// Files that only the customer may have, on their way to the device.

const AGENT_FILES = /\/desk\/files\/([\w-]+)$/;

/** The number of an agent's file in the link to it; nothing else of the link is believed. */
export function agentFile(url) {
  return AGENT_FILES.exec(String(url))?.[1];
}

/** Fetch a file and let the browser save it under `name`; resolves with what went wrong, or `null`. */
export async function fetchFile(address, authorization, name) {
  if (!authorization) return "sign_in";
  try {
    const answer = await fetch(address, { headers: { Authorization: authorization }, cache: "no-store" });
    if (!answer.ok) return { 401: "sign_in", 404: "gone" }[answer.status] || "later";
    save(await answer.blob(), name);
    return null;
  } catch {
    return "later"; // no network
  }
}

function save(content, name) {
  const href = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // some browsers read it after the click
}
