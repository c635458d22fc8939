// The pack: its leaflets are remembered while the window is open; the letter stays in this page until the pack is made.

import { fill, print, tell } from "./desk.js";

const pack = document.getElementById("pack");
if (pack) begin();

function begin() {
  const part = (name) => pack.querySelector(`[data-${name}]`);
  const form = part("pack"), list = part("items"), file = document.getElementById("letter"), words = pack.dataset;
  let items = [], letter = null, made = "";
  try { items = JSON.parse(sessionStorage.getItem(key()) ?? "[]").filter((item) => item.channels); } catch { items = []; }

  function key() { return `pack:${document.body.dataset.clinic}`; }
  const chosen = () => form.querySelector("[name=channel]:checked");
  const channel = () => chosen().value;
  const sides = () => Number(chosen().dataset.sides); // 0 is a channel without paper
  const icon = (sign, label, act) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "icon", textContent: sign });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    return button;
  };

  function changed() {
    sessionStorage.setItem(key(), JSON.stringify(items));
    forget();
    draw();
  }

  function forget() {
    if (made) URL.revokeObjectURL(made);
    made = "";
    part("result").hidden = true;
  }

  function draw() {
    list.replaceChildren(...items.map(row));
    list.hidden = !items.length;
    part("empty").hidden = !!items.length;
    part("letter-name").hidden = !letter;
    part("letter-name").firstElementChild.textContent = letter?.name ?? "";
    part("make").disabled = !(items.length && items.every((item) => item.channels[channel()]));
    part("clear").hidden = !(items.length || letter);
    const sheets = items.reduce((sum, item) => sum + Math.ceil((item.channels[channel()]?.pages ?? 0) / (sides() || 2)), 0);
    const bytes = items.reduce((sum, item) => sum + (item.channels[channel()]?.bytes ?? 0), 0);
    const paper = fill(sheets === 1 ? words.one : words.other, { n: sheets });
    number();
    part("tally").hidden = !sheets;
    part("tally").textContent = fill(words.tally, { sheets: sides() ? paper : fill(words.size, { mb: (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 }) }) });
  }

  /** Say in the masthead how many leaflets there are, where the pack itself is out of sight. */
  function number() {
    for (const place of document.querySelectorAll("[data-pack-count]")) place.textContent = items.length ? `(${items.length})` : "";
  }

  function row(item, index) {
    const element = document.createElement("li");
    const handle = Object.assign(document.createElement("span"), { className: "handle", textContent: "⠿" });
    handle.setAttribute("aria-hidden", "true");
    handle.title = fill(words.drag, item);
    handle.addEventListener("pointerdown", (event) => drag(event, element));
    const text = document.createElement("span");
    text.className = "pack-item";
    const title = Object.assign(document.createElement("bdi"), { textContent: item.title, lang: item.language, dir: item.dir });
    const detail = Object.assign(document.createElement("span"), { className: "small muted", textContent: `${item.languageName} · ${item.channels[channel()]?.format ?? words.lacks}` });
    text.append(title, detail);
    const buttons = Object.assign(document.createElement("span"), { className: "icons" });
    const up = icon("↑", fill(words.up, item), () => move(index, index - 1, 0));
    const down = icon("↓", fill(words.down, item), () => move(index, index + 1, 1));
    up.disabled = index === 0;
    down.disabled = index === items.length - 1;
    buttons.append(up, down, icon("×", fill(words.remove, item), () => remove(index)));
    element.append(handle, text, buttons);
    return element;
  }

  function move(from, to, button) {
    items.splice(to, 0, ...items.splice(from, 1));
    changed();
    const buttons = list.children[to].querySelectorAll("button");
    (buttons[button].disabled ? buttons[1 - button] : buttons[button]).focus();
    tell(fill(words.moved, { title: items[to].title, n: to + 1 }));
  }

  function remove(index) {
    const [gone] = items.splice(index, 1);
    changed();
    (list.children[Math.min(index, items.length - 1)]?.querySelector("button:last-child") ?? chosen()).focus();
    tell(fill(words.removed, gone));
  }

  function drag(event, element) {
    event.preventDefault();
    element.classList.add("dragged");
    const from = [...list.children].indexOf(element);
    const follow = ({ clientY }) => {
      const behind = [...list.children].find((other) => other !== element && clientY < other.getBoundingClientRect().top + other.offsetHeight / 2);
      if (behind !== element.nextElementSibling) list.insertBefore(element, behind ?? null);
    };
    const drop = () => {
      removeEventListener("pointermove", follow);
      removeEventListener("pointerup", drop);
      removeEventListener("pointercancel", drop);
      element.classList.remove("dragged");
      const to = [...list.children].indexOf(element);
      if (to !== from) {
        items.splice(to, 0, ...items.splice(from, 1));
        changed();
      }
    };
    // On the window: an element that is moved in its list loses the pointer.
    addEventListener("pointermove", follow);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", drop);
  }

  function take(chosen) {
    forget();
    if (chosen && chosen.type !== "application/pdf" && !/\.pdf$/i.test(chosen.name)) fail(words.notPdf);
    else if (chosen && chosen.size > 38e6) fail(words.large);
    else letter = chosen ?? null;
    file.value = "";
    draw();
  }

  function fail(message) {
    show(message, "notice-bad");
    part("result-buttons").hidden = part("print-how").hidden = true;
    part("warnings").hidden = true;
  }

  function show(message, kind) {
    part("result").hidden = false;
    part("result-words").className = `notice ${kind}`;
    part("result-words").textContent = message;
  }

  async function make() {
    const data = new FormData();
    data.set("channel", channel());
    if (letter) data.set("letter", letter, "letter.pdf"); // its own name may be that of the patient
    for (const item of items) data.append("leaflet", item.channels[channel()].path);
    forget();
    fail(words.making);
    part("result-words").className = "notice";
    part("make").disabled = true;
    try {
      const answer = await fetch("/pack", { method: "POST", body: data, headers: { accept: "application/json, application/pdf" } });
      if (!answer.ok) {
        fail((await answer.json()).message);
        return;
      }
      const said = JSON.parse(answer.headers.get("x-pack"));
      made = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: "application/pdf" }));
      show(`${words.made} ${said.words}`, said.warnings.length ? "notice-warn" : "notice-good");
      part("warnings").replaceChildren(...said.warnings.map((warning) => Object.assign(document.createElement("li"), { textContent: warning })));
      part("warnings").hidden = !said.warnings.length;
      part("result-buttons").hidden = false;
      part("print-pack").hidden = part("print-how").hidden = !sides();
      part("print-how").textContent = chosen().dataset.how;
      const save = part("save-pack");
      save.href = made;
      save.download = `${letter ? letter.name.replace(/\.pdf$/i, "") : items[0].title}.pack.pdf`;
      (sides() ? part("print-pack") : save).focus();
    } catch {
      fail(words.broken);
    } finally {
      part("make").disabled = false;
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-add]");
    if (!button) return;
    const { title, language, dir, languageName, said, channels } = button.dataset;
    const item = { title, language, dir, languageName, channels: JSON.parse(channels) };
    if (!items.some((other) => JSON.stringify(other) === JSON.stringify(item))) items.push(item);
    changed();
    tell(said);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); make(); });
  form.addEventListener("change", (event) => {
    if (event.target === file) take(file.files[0]);
    else { forget(); draw(); }
  });
  part("letter-remove").addEventListener("click", () => { take(null); file.focus(); });
  part("clear").addEventListener("click", () => { items = []; letter = null; changed(); file.focus(); });
  part("print-pack").addEventListener("click", () => { print(made); tell(fill(words.printing, chosen().dataset)); });
  document.addEventListener("moved", number);
  const drop = part("drop");
  for (const name of ["dragenter", "dragover"]) addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) addEventListener(name, () => drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) take(event.dataTransfer.files[0]);
  });
  draw();
}
