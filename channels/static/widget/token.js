// Where identity tokens come from: an address of the page's own server, or the page itself.

const EARLY_SECONDS = 60; // a token is renewed this long before its end
const PAGE_ANSWER_MS = 10_000; // how long the page may take to hand over a new token

/** The token could not be fetched just now; that says nothing about whether the customer is signed in. */
export class TokenUnavailable extends Error {}

/** Holds the present token and gets new ones in time. */
export class TokenSource {
  #url = null;
  #fromPage = false;
  #token = null;
  #endsAt = Infinity; // by this device's clock, milliseconds
  #timer = 0;
  #waiting = [];
  #ask;
  #onRenewed;

  /**
   * @param {(reason: string) => void} ask tells the page that a new token is needed
   * @param {(token: string | null) => void} onRenewed is called with each token that replaces another
   */
  constructor(ask, onRenewed) {
    this.#ask = ask;
    this.#onRenewed = onRenewed;
  }

  /** Whether a customer may be signed in at all. */
  get exists() {
    return Boolean(this.#url || this.#fromPage || this.#token);
  }

  set url(value) {
    this.#url = value ? new URL(value, document.baseURI).href : null;
  }

  /** Whether the page hands over tokens, so that it is asked for the first one, too. */
  set fromPage(value) {
    this.#fromPage = value;
  }

  /** A token from the page, or `null` if nobody is signed in. */
  set token(value) {
    this.#take(value || null);
    const waiting = this.#waiting.splice(0);
    waiting.forEach((resolve) => resolve(this.#token));
    if (!waiting.length) this.#onRenewed(this.#token);
  }

  /** A token that is good for a while, or `null` if nobody is signed in. Throws `TokenUnavailable`. */
  async current() {
    if (this.#token && !this.#endsSoon()) return this.#token;
    return this.renew(this.#token ? "expiring" : "missing");
  }

  /** A new token, or `null` if there is none to be had. Throws `TokenUnavailable`. */
  async renew(reason) {
    if (this.#url) {
      this.#take(await this.#fetch());
      return this.#token;
    }
    if (!this.#token && !this.#fromPage) return null;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(resolve, PAGE_ANSWER_MS, null);
      this.#ask(reason);
    });
  }

  /** Forget everything, and do not ask again. */
  clear() {
    this.#url = null;
    this.#fromPage = false;
    this.#take(null);
  }

  async #fetch() {
    let answer;
    try {
      answer = await fetch(this.#url, {
        credentials: "include",
        cache: "no-store",
        headers: { Accept: "application/json" },
      });
      if (answer.status === 204 || answer.status === 401 || answer.status === 403) return null;
      if (answer.ok) return (await answer.json()).token || null;
    } catch (error) {
      throw new TokenUnavailable(String(error));
    }
    throw new TokenUnavailable(`the token address answered ${answer.status}`);
  }

  #take(token) {
    clearTimeout(this.#timer);
    this.#token = token;
    this.#endsAt = Infinity;
    const life = token ? lifeOf(token) : 0;
    if (!life) return;
    this.#endsAt = Date.now() + life * 1000;
    const wait = Math.max(1, life - Math.min(EARLY_SECONDS, life / 2));
    this.#timer = setTimeout(() => this.#renewEarly(), Math.min(wait * 1000, 2 ** 31 - 1));
  }

  async #renewEarly() {
    const before = this.#token;
    const token = await this.renew("expiring").catch(() => null);
    if (token && token !== before) this.#onRenewed(token);
  }

  #endsSoon() {
    return this.#endsAt - Date.now() < 10_000;
  }
}

/**
 * How long a JWT is good for, seconds; 0 if it does not say. Only to renew it in time: the server checks tokens, and
 * this device's clock may be wrong, so the end itself is not compared with it.
 */
function lifeOf(token) {
  try {
    const body = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const { iat, exp } = JSON.parse(atob(body));
    return exp > iat ? exp - iat : 0;
  } catch {
    return 0;
  }
}
