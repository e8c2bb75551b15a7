// Small helpers for building elements. Text is always set as text, never as markup.

/**
 * An element. `properties` may hold `class`, `dataset`, `on` (event handlers), ARIA and other attributes; those with the
 * value `true` are set empty, those with `false`, `null` or `undefined` left out.
 */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "on") Object.entries(value).forEach(([event, handler]) => node.addEventListener(event, handler));
    else if (key === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SHAPES = {
  chat: "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H12l-4.4 3.6A1 1 0 0 1 6 18.8V16a2 2 0 0 1-2-2Z M8.5 8.8h7M8.5 12h4.5",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  down: "M6 9.5l6 6 6-6",
  attach: "M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-7.8 7.8a1.5 1.5 0 0 1-2.1-2.1L14 8",
  out: "M9 5h10v10M19 5L6 18",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z M4.5 20a7.5 7.5 0 0 1 15 0",
  star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8Z",
  save: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
};

/** The line drawing of this name. */
export function icon(name) {
  return drawing(SHAPES[name]);
}

/** A line drawing of 24 by 24 units; decoration only, so it is hidden from screen readers. */
export function drawing(lines) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}

/** The language of a text, as far as its script tells: `zh-CN` or `en`. */
export function languageOfText(text) {
  return /\p{Script=Han}/u.test(text) ? "zh-CN" : "en";
}

/** The address if a link may lead there, or `null`: only web pages, telephone and mail. */
export function safeUrl(address) {
  try {
    const url = new URL(address, document.baseURI);
    return ["https:", "http:", "tel:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
