import { el, set, start, words } from "./page.js";

const people = await (await fetch("/customers.json")).json();

start(() => {
  const entries = people.map((person) => {
    const [name, situation] = words().situations[person.id];
    const initial = name.split(" ").at(-1)[0];
    const button = el("button", "", "", el("i", "", initial), el("strong", "", name), el("span", "", situation));
    button.name = "customer";
    button.value = person.id;
    button.addEventListener("click", () => set(person.language));
    return el("li", "", "", button);
  });
  document.getElementById("people").replaceChildren(...entries);
});
