// The server has checked `return` before it gave out this page: it is the assistant's.
import { start } from "./page.js";

start();
const form = document.getElementById("link");
form.action = new URLSearchParams(location.search).get("return");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/identity-token").catch(() => null);
  if (!answer?.ok) {
    document.getElementById("problem").hidden = false;
    return;
  }
  form.elements.identity_token.value = (await answer.json()).token;
  form.submit();
});
