// Files on their way to the bank, by the assistant's server. `authorization` is the header's value.

export const ACCEPTED = "application/pdf,image/jpeg,image/png,.pdf,.jpg,.jpeg,.png";
export const MEGABYTE = 1024 * 1024;

const PROBLEM_OF_STATUS = { 401: "sign_in", 403: "consent", 404: "gone", 409: "too_many", 413: "too_large", 415: "type" };

/** What is wrong with a file before it is sent, or `null`. `largest`: megabytes. */
export function problemOf(file, largest) {
  if (file.size === 0) return "empty";
  return file.size > largest * MEGABYTE ? "too_large" : null;
}

/**
 * Send a file; resolves with `{file}` (id, name, kind, size) or `{problem}`. `progress(share)` is told how far it is,
 * 0 to 1; `signal` stops it. The same `id` is the same file, however often it is sent.
 */
export function send({ address, authorization, file, kind, id, progress, signal }) {
  // Not `fetch`: it does not tell how far an upload is.
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    const url = new URL(address);
    url.searchParams.set("kind", kind);
    request.open("POST", url);
    request.setRequestHeader("Authorization", authorization);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(shortened(file.name)));
    request.setRequestHeader("X-Upload-Id", id);
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("load", () => resolve(outcome(request)));
    request.addEventListener("error", () => resolve({ problem: "later" }));
    request.addEventListener("abort", () => resolve({ problem: "stopped" }));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function outcome({ status, responseText }) {
  let said = {};
  try {
    said = JSON.parse(responseText);
  } catch {
    // a gateway before the server may answer something else
  }
  if (status === 201) return { file: said };
  return { problem: said.problem || PROBLEM_OF_STATUS[status] || "later" };
}

/** The end of a name counts: it tells what the file is. */
function shortened(name) {
  return [...name].slice(-60).join("");
}
