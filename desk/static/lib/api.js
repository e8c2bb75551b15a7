// The desk's HTTP API: JSON both ways, the session in a cookie, and the token against forged requests in a header.

const ANSWER_MS = 20_000;

/** An answer that says no. `type` is the last part of the problem's name; `status` is 0 without an answer. */
export class Problem extends Error {
  constructor(status, { type = "", title = "", detail = "", ...more } = {}) {
    super(detail || title || type || String(status));
    this.status = status;
    this.type = String(type).split(/[:/]/).at(-1) || (status === 0 ? "unreachable" : `http-${status}`);
    this.title = title;
    this.detail = detail;
    this.more = more;
  }
}

/** Fires `signed-out` when the server no longer knows who is there. */
export class Api extends EventTarget {
  csrf = "";

  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
    const search = new URLSearchParams(given).toString();
    return this.#ask("GET", search ? `${path}?${search}` : path);
  }

  post(path, body = {}) {
    return this.#ask("POST", path, body);
  }

  patch(path, body) {
    return this.#ask("PATCH", path, body);
  }

  /** Of a conversation: `conversation(id, "claim")`. */
  conversation(id, act = "") {
    return `api/conversations/${encodeURIComponent(id)}${act && `/${act}`}`;
  }

  async #ask(method, path, body) {
    const headers = { Accept: "application/json" };
    const isForm = body instanceof FormData;
    if (method !== "GET") headers["X-CSRF-Token"] = this.csrf;
    if (body && !isForm) headers["Content-Type"] = "application/json";
    let answer;
    let content;
    try {
      answer = await fetch(new URL(path, document.baseURI), {
        method,
        headers,
        body: isForm ? body : body && JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal: isForm ? undefined : AbortSignal.timeout(ANSWER_MS), // a large file may take its time
      });
      content = await readJson(answer);
    } catch (error) {
      if (error instanceof TypeError || error instanceof DOMException) throw new Problem(0); // no network, or too late
      throw error;
    }
    if (answer.ok) return content;
    if (answer.status === 401 && path !== "api/sign-in") this.dispatchEvent(new Event("signed-out"));
    throw new Problem(answer.status, content ?? {});
  }
}

async function readJson(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // a proxy's own page, for one
  }
}

/** An id that nobody else makes: what is sent twice under it happens once. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
