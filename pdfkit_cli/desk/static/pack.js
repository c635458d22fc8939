// The letter with leaflets: its leaflets are remembered while the window is open; the letter stays in this page, and is gone with it.

import { chart, fill, follow, go, moves, print, randomNumber, record, showRests, tell, typedFor } from "./desk.js";

const { base, clinic, broken } = document.body.dataset;
const key = `pack:${clinic}`;

let items = remembered();
let letter = null, look = null, taking = 0, looking = false; // its file, and its first page with the number of pages in words
let made = "", name = "", within = [], turn = 0; // the address of what was put together, the name to save it under, its leaflets, and how often it changed
let sent = null, order = "", pressing = false; // what it was made of, the name of its next order, and whether that is being printed
let making = false, said = null, handed = false; // whether it is being made, what is said of it, and whether something was printed or saved
let gone = false; // whether the letter with leaflets was, since somebody last said whose it is

/** The page of the letter, while one is on it: its parts by name. */
let page = null;
const part = (name) => page.querySelector(`[data-${name}]`);
const words = () => page.dataset;

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]").filter((item) => item.channels).map(({ filled, ...item }) => ({ ...item, lost: filled }));
  } catch {
    return [];
  }
}

/** Remember the leaflets, and whether they were filled in for a patient: not what was typed. */
function store() {
  sessionStorage.setItem(key, JSON.stringify(items.map((item) => ({ ...item, filled: !!typedFor(item.leaflet).length || item.lost }))));
}

const chosen = () => page.querySelector("[name=channel]:checked");
const channel = () => chosen().value;
const sides = () => Number(chosen().dataset.sides); // 0 is a channel without paper

/** What a leaflet is called to staff: its title in their language, and that of the patient. */
const named = (item) => ({ title: item.ownTitle ? `${item.ownTitle} (${item.languageName})` : item.title });

function changed() {
  store();
  forget();
  draw();
}

/** Forget what was put together: it is no longer what is on the page. */
function forget() {
  turn++; // one that is being made of what was here before comes too late
  if (made) URL.revokeObjectURL(made);
  made = "";
  said = null;
  if (!page) return;
  chart(part("chart"), "");
  showPressed("");
}

/** Empty everything that is of one patient. */
function empty() {
  items = [];
  take([]);
  handed = gone = false;
  changed();
  document.dispatchEvent(new Event("next-patient"));
}

// --- what is on the page ------------------------------------------------------------------------------------------

/** Say in the masthead how many leaflets there are. */
function number() {
  for (const place of document.querySelectorAll("[data-pack-count]")) place.textContent = items.length ? `(${items.length})` : "";
  for (const button of document.querySelectorAll("[data-next]")) button.hidden = !handed;
}

function draw() {
  number();
  if (!page) return;
  part("items").replaceChildren(...items.map(row));
  part("items").hidden = !items.length;
  part("empty").hidden = !!items.length;
  part("letter-name").hidden = !letter;
  part("letter-name").firstElementChild.textContent = letter?.name ?? "";
  part("letter-look").hidden = !letter;
  part("drop").classList.toggle("filled", !!letter);
  paint();
  part("make").disabled = looking || making || !(items.length && items.every((item) => item.channels[channel()]));
  part("no-letter").hidden = !items.length || !!letter || looking;
  part("clear").hidden = !(items.length || letter);
  const sheets = items.reduce((sum, item) => sum + Math.ceil((item.channels[channel()]?.pages ?? 0) / (sides() || 2)), 0);
  const bytes = items.reduce((sum, item) => sum + (item.channels[channel()]?.bytes ?? 0), 0);
  const paper = fill(sheets === 1 ? words().one : words().other, { n: sheets });
  part("tally").hidden = !sheets;
  part("tally").textContent = fill(words().tally, { sheets: sides() ? paper : fill(words().size, { mb: (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 }) }) });
  drawResult();
}

function drawResult() {
  part("result").hidden = !said;
  part("result-words").className = `notice ${said?.kind ?? ""}`;
  part("result-words").textContent = said?.message ?? "";
  part("warnings").replaceChildren(...(said?.warnings ?? []).map((warning) => Object.assign(document.createElement("li"), { textContent: warning })));
  part("warnings").hidden = !said?.warnings?.length;
  part("result-buttons").hidden = !made;
  part("print-pack").hidden = !sides();
  if (part("pack-printers")) part("pack-printers").hidden = !made || !sides();
  part("print-how").hidden = !made || !sides();
  part("print-how").textContent = chosen().dataset.how;
  const save = part("save-pack");
  if (made) Object.assign(save, { href: made, download: name });
  else save.removeAttribute("href");
}

function say(message, kind = "notice-bad", warnings = []) {
  said = { message, kind, warnings };
  if (page) drawResult();
}

const icon = (sign, label, act) => {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "icon", textContent: sign });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
};

function row(item, index) {
  const element = document.createElement("li");
  const handle = Object.assign(document.createElement("span"), { className: "handle", textContent: "⠿" });
  handle.setAttribute("aria-hidden", "true");
  handle.title = fill(words().drag, named(item));
  handle.addEventListener("pointerdown", (event) => drag(event, element));
  const paper = Object.assign(document.createElement("span"), { className: "paper" });
  if (item.picture) paper.append(Object.assign(document.createElement("img"), { src: item.picture, alt: "" }));
  const text = document.createElement("span");
  text.className = "pack-item";
  const theirs = Object.assign(document.createElement("bdi"), { textContent: item.title, lang: item.language, dir: item.dir });
  const title = item.ownTitle ? Object.assign(document.createElement("bdi"), { textContent: item.ownTitle, lang: item.ownLanguage }) : theirs;
  const detail = Object.assign(document.createElement("span"), { className: "small muted", textContent: `${item.languageName} · ${item.channels[channel()]?.format ?? words().lacks}` });
  const state = typedFor(item.leaflet).length ? words().filled : item.lost ? words().lost : "";
  if (state) detail.textContent += ` · ${state}`;
  text.append(title, ...(item.ownTitle ? [Object.assign(theirs, { className: "their-title" })] : []), detail);
  const buttons = Object.assign(document.createElement("span"), { className: "icons" });
  const up = icon("↑", fill(words().up, named(item)), () => move(index, index - 1, 0));
  const down = icon("↓", fill(words().down, named(item)), () => move(index, index + 1, 1));
  up.disabled = index === 0;
  down.disabled = index === items.length - 1;
  buttons.append(up, down, icon("×", fill(words().remove, named(item)), () => remove(index)));
  element.append(handle, paper, text, buttons);
  return element;
}

function move(from, to, button) {
  items.splice(to, 0, ...items.splice(from, 1));
  changed();
  const buttons = part("items").children[to].querySelectorAll("button");
  (buttons[button].disabled ? buttons[1 - button] : buttons[button]).focus();
  tell(fill(words().moved, { ...named(items[to]), n: to + 1 }));
}

function remove(index) {
  const [gone] = items.splice(index, 1);
  changed();
  (part("items").children[Math.min(index, items.length - 1)]?.querySelector("button:last-child") ?? chosen()).focus();
  tell(fill(words().removed, named(gone)));
}

function drag(event, element) {
  event.preventDefault();
  const list = part("items");
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
    if (to !== from && to >= 0) {
      items.splice(to, 0, ...items.splice(from, 1));
      changed();
    }
  };
  // On the window: an element that is moved in its list loses the pointer.
  addEventListener("pointermove", follow);
  addEventListener("pointerup", drop);
  addEventListener("pointercancel", drop);
}

// --- the letter ---------------------------------------------------------------------------------------------------

/** Take a letter. The one before is taken out first, whatever comes of this one. */
async function take(files) {
  if (files.length && !mayTake()) {
    document.getElementById("letter").value = "";
    return;
  }
  const mine = ++taking, [first] = files;
  letter = null;
  look?.picture.close();
  look = null;
  if (page) document.getElementById("letter").value = "";
  forget();
  looking = false;
  if (!first) {
    draw();
    return;
  }
  const problem = files.length > 1 ? fill(words().oneLetter, { n: files.length })
    : first.type !== "application/pdf" && !/\.pdf$/i.test(first.name) ? words().notPdf
    : first.size > 38e6 ? words().large : "";
  looking = !problem;
  draw();
  if (problem) {
    say(problem);
    return;
  }
  say(words().looking, "");
  const found = await seen(first, words().look);
  if (mine !== taking) return; // another file came meanwhile
  looking = false;
  forget();
  if (!found.problem) [letter, look] = [first, found];
  draw();
  if (found.problem) say(found.problem);
}

/** Return the first page of a letter and its number of pages in words, or why it cannot be used. */
async function seen(file, address) {
  const data = new FormData();
  data.set("letter", file, "letter.pdf"); // its own name may be that of the patient
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers: { accept: "application/json, image/png" } });
    if (!answer.ok) return { problem: (await answer.json()).message };
    return { picture: await createImageBitmap(await answer.blob()), ...JSON.parse(answer.headers.get("x-letter")) };
  } catch {
    return { problem: broken };
  }
}

function paint() {
  const canvas = part("letter-picture");
  Object.assign(canvas, { width: look?.picture.width ?? 0, height: look?.picture.height ?? 0 });
  if (look) canvas.getContext("2d").drawImage(look.picture, 0, 0);
  part("letter-pages").textContent = look?.pages ?? "";
}

// --- letter and leaflets together ---------------------------------------------------------------------------------

async function make() {
  const data = new FormData(), { making: wait, made: ready } = words(), kind = channel(), paper = sides();
  data.set("channel", kind);
  if (letter) data.set("letter", letter, "letter.pdf"); // its own name may be that of the patient
  for (const item of items) data.append("leaflet", item.channels[kind].path);
  items.forEach((item, at) => typedFor(item.leaflet).forEach(([name, value]) => data.set(`personal.${at}.${name}`, value)));
  forget();
  name = `${letter ? letter.name.replace(/\.pdf$/i, "") : items[0].title}.pack.pdf`;
  making = true;
  draw();
  say(wait, "");
  const mine = turn;
  try {
    const send = () => fetch(`${base}/pack`, { method: "POST", body: data, headers: { accept: "application/json, application/pdf" } });
    let answer = await send();
    if (answer.status === 409) { // a day in the past
      const { message } = await answer.json();
      if (!confirm(message)) {
        say(message);
        return;
      }
      data.set("past", "yes");
      answer = await send();
    }
    const content = answer.ok ? await answer.blob() : (await answer.json()).message;
    if (mine !== turn) return;
    if (!answer.ok) {
      say(content);
      return;
    }
    const about = JSON.parse(answer.headers.get("x-pack"));
    within = data.getAll("leaflet");
    [sent, order] = [data, randomNumber()];
    made = URL.createObjectURL(new Blob([content], { type: "application/pdf" }));
    say(`${ready} ${about.words}`, about.warnings.length ? "notice-warn" : "notice-good", about.warnings);
    if (page) (paper ? part("print-pack") : part("save-pack")).focus();
  } catch {
    if (mine === turn) say(broken);
  } finally {
    making = false;
    draw();
  }
}

/** Print it on a printer of the clinic: letter and leaflets are sent again, and their order is printed once. */
async function press(rest) {
  if (pressing || !made) return;
  const printer = part("printer"), mine = turn, here = () => page?.isConnected && mine === turn;
  const body = new FormData();
  for (const [name, value] of sent) body.append(name, value);
  for (const [name, value] of Object.entries({ printer: printer.value, order, copies: 1, from: rest?.from ?? 1 })) body.set(name, value);
  pressing = part("press-pack").disabled = true;
  showPressed("");
  try {
    const state = await follow(rest?.address ?? `${base}/pack/print`, body, order, here, ({ words, failed }) => {
      showPressed(words, failed);
      if (failed) return;
      handedOut();
      gone = true;
    });
    if (mine === turn) order = state.next;
    if (!here()) return;
    chart(part("chart"), state.lines);
    showRests(part("rests"), state, (button, each) => press(each));
  } catch {
    if (here()) showPressed(broken, true);
  } finally {
    pressing = false;
    if (page?.isConnected) part("press-pack").disabled = false;
  }
}

function showPressed(words, failed = false) {
  const place = part("pressed");
  if (!place) return;
  place.hidden = !words;
  place.classList.toggle("notice-bad", failed);
  if (place.textContent !== words) place.textContent = words;
  showRests(part("rests"), { rests: [] });
}

/** After printing or saving, offer to begin with the next patient. */
function handedOut() {
  handed = true;
  number();
}

/** Begin with the next patient if somebody says so, who has a letter with leaflets that was printed and now brings something new. */
function maybeNext() {
  if (gone && confirm(document.querySelector("[data-again]").dataset.again)) empty();
  gone = false;
}

/** Return whether another letter may be taken: what was printed or filled in goes with the letter that it was for. */
function mayTake() {
  const theirs = gone || items.some((item) => typedFor(item.leaflet).length);
  if (!theirs || !(letter || looking)) {
    maybeNext();
    return true;
  }
  if (!confirm(words().another)) return false;
  empty();
  return true;
}

/** Count what was printed or saved. */
function count(way) {
  handedOut();
  gone = true;
  record(part("chart"), within, way);
}

/** Put a leaflet into the letter; the first one opens its page. */
function add({ leaflet, title, language, dir, languageName, ownTitle, ownLanguage, picture, said, saidAs, saidAlready, called, format, channels }) {
  const item = { leaflet, title, language, dir, languageName, ownTitle, ownLanguage, picture, channels: JSON.parse(channels) };
  const files = ({ channels }) => Object.values(channels).map(({ path }) => path).join();
  maybeNext();
  if (items.some((other) => files(other) === files(item))) {
    tell(saidAlready);
    return;
  }
  items.push(item);
  changed();
  const packed = (item.channels.paper ?? Object.values(item.channels)[0]).format;
  tell(packed === format ? said : fill(saidAs, { format: packed, chosen: format, title: called }));
  if (items.length === 1) go(`${base}/pack`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-add], [data-next]");
  if (button?.hasAttribute("data-add")) add(button.dataset);
  else if (button) {
    empty();
    go(`${base}/`).then(() => tell(button.dataset.said));
  }
});
document.addEventListener("handed-out", handedOut);
document.addEventListener("typed", changed);
addEventListener("beforeunload", (event) => { if (letter || looking) event.preventDefault(); }); // the browser asks
for (const name of ["dragenter", "dragover"]) addEventListener(name, (event) => { event.preventDefault(); page && part("drop").classList.add("over"); });
for (const name of ["dragleave", "drop"]) addEventListener(name, () => page && part("drop").classList.remove("over"));
addEventListener("drop", async (event) => {
  event.preventDefault();
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!files.length || !moves(location)) return;
  const mine = ++taking;
  if (!page) await go(`${base}/pack`);
  if (page && mine === taking) take(files); // else another file came while the page did
});

/** Begin on the page of the letter, or anywhere else. */
function begin() {
  const found = document.getElementById("pack");
  if (found && found !== page) {
    page = found;
    const form = part("pack"), file = document.getElementById("letter");
    form.addEventListener("submit", (event) => { event.preventDefault(); make(); });
    form.addEventListener("change", (event) => {
      if (event.target === file) take([...file.files]);
      else { forget(); draw(); }
    });
    part("letter-remove").addEventListener("click", () => { take([]); file.focus(); });
    part("clear").addEventListener("click", () => { empty(); tell(words().nextDone); file.focus(); });
    part("save-pack").addEventListener("click", () => count("saved"));
    part("press-pack")?.addEventListener("click", () => press());
    part("print-pack").addEventListener("click", () => { count("window"); print(made); tell(fill(words().printing, chosen().dataset)); });
  }
  page = found;
  draw();
}
document.addEventListener("moved", begin);
begin();
