// Search while typing, move between leaflets without losing the pack, and print. Without this script everything works but the pack.

const status = document.getElementById("status");
let quiet;

/** Show a message for a moment, and announce it to screen readers. */
export function tell(words) {
  clearTimeout(quiet);
  status.textContent = words;
  quiet = setTimeout(() => { status.textContent = ""; }, 6000);
}

/** Fill in `{name}`. */
export const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Open the browser's print dialog for a PDF. */
export function print(url, fallback) {
  document.getElementById("print-frame")?.remove();
  const frame = Object.assign(document.createElement("iframe"), { id: "print-frame", src: url, title: "PDF", tabIndex: -1, translate: false });
  frame.className = "print-frame";
  frame.addEventListener("load", () => {
    try {
      frame.contentWindow.focus();
      frame.contentWindow.print();
    } catch {
      window.open(fallback ?? url, "_blank");
    }
  });
  document.body.append(frame);
}

const { base, clinic, broken } = document.body.dataset;

// The second press of a double click is none: what is printed or saved is also counted.
document.addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest?.("[data-print], [data-save], [data-press], [data-print-pack], [data-press-pack], [data-save-pack]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// --- the record ---------------------------------------------------------------------------------------------------

/** Show the lines for the patient's chart. */
export function chart(place, lines, note = "") {
  if (!place) return; // what is for the waiting room is in no chart
  place.hidden = !lines;
  place.querySelector("textarea").value = lines;
  place.querySelector("p").textContent = note;
}

/** Return a number that nothing else has. */
export const randomNumber = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Count what went to the print window or was saved, under a number of its own, and show the lines for the patient's chart. */
export async function record(place, files, way, copies = 1) {
  const number = randomNumber();
  const sent = new URLSearchParams([["number", number], ["way", way], ["copies", copies], ...files.map((file) => ["file", file])]);
  try {
    const answer = await fetch(`${base}/issued`, { method: "POST", body: sent, headers: { accept: "application/json" }, keepalive: true });
    const said = await answer.json();
    if (answer.ok) chart(place, said.lines, said.note);
    else tell(said.message);
  } catch {
    tell(broken);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  button.parentElement.querySelector("textarea").select();
  document.execCommand("copy"); // the newer way is for encrypted pages only
  tell(button.dataset.said);
});

/** Fetch a page of this clinic; fail for any other, such as the one to sign in: nothing of it may be put into this one. */
async function parsed(url, signal) {
  const answer = await fetch(url, { signal, headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.dataset.clinic !== clinic) throw new Error("the page of another clinic");
  return { address: answer.redirected ? answer.url : url, page };
}

// --- moving -------------------------------------------------------------------------------------------------------

/** Whether a page of the desk can be gone to without losing the letter and what was typed. */
export const moves = (url) => url.origin === location.origin && ([`${base}/`, `${base}/pack`, `${base}/batch`].includes(url.pathname) || url.pathname.startsWith(`${base}/leaflet/`));

/** Go to a page of this clinic, keeping the letter and what was typed; `key` names what gets the focus there. */
export async function go(url, { push = true, key = "" } = {}) {
  try {
    const { address, page } = await parsed(url);
    const main = page.getElementById("main");
    if (!main) {
      location.assign(url);
      return;
    }
    if (push) history.pushState({}, "", address);
    document.title = page.title;
    for (const part of [".masthead nav", ".languages"]) document.querySelector(part).replaceWith(page.querySelector(part));
    document.getElementById("main").replaceWith(document.adoptNode(main));
    const again = key && main.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again) again.focus();
    else {
      main.focus({ preventScroll: true });
      if (push) scrollTo(0, 0);
      main.querySelector("[autofocus]")?.focus();
    }
    settle();
  } catch {
    location.assign(url);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.hasAttribute("data-back") && sessionStorage.getItem("search")) link.search = sessionStorage.getItem("search");
  const url = new URL(link.href);
  if (link.target || link.hasAttribute("download") || url.hash || !moves(url) || !moves(location)) return;
  event.preventDefault();
  go(url.href, { key: link.dataset.key });
});
addEventListener("popstate", () => go(location.href, { push: false }));
// A page that the browser has kept whole would still have the letter and the fields of the patient of before.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// --- the search ---------------------------------------------------------------------------------------------------

let waiting, asking;
let entered = false; // whether Enter was pressed in the field: the event of a form is the same for its button

async function search(field) {
  clearTimeout(waiting);
  asking?.abort();
  asking = new AbortController();
  const url = `${base}/${field.value.trim() ? `?q=${encodeURIComponent(field.value)}` : ""}`;
  try {
    const { page } = await parsed(url, asking.signal);
    document.getElementById("results").replaceWith(document.adoptNode(page.getElementById("results")));
    history.replaceState({}, "", url);
    sessionStorage.setItem("search", new URL(url, location.href).search);
    document.getElementById("heard").textContent = document.getElementById("count").textContent;
  } catch (error) {
    if (error.name !== "AbortError") tell(broken);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.id === "q") {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(event.target), 120);
  } else if (event.target.id === "copies") count(event.target);
});
document.addEventListener("submit", async (event) => {
  if (event.target.matches("[data-print-form]")) {
    event.preventDefault();
    if (event.submitter?.hasAttribute("data-press")) press(event.target, event.submitter);
    else hand(event.target, event.submitter);
    return;
  }
  if (event.target.matches("[data-batch-change]")) {
    event.preventDefault();
    changeBatch(event.target, event.submitter);
    return;
  }
  if (event.target.matches("[data-star]")) {
    event.preventDefault();
    star(event.target, event.submitter);
    return;
  }
  if (!event.target.matches("[data-search]")) return;
  event.preventDefault();
  const open = entered; // the button only shows what is found
  entered = false;
  await search(document.getElementById("q"));
  if (open) document.querySelector("#results [data-only] [data-first]")?.click();
});
let entering; // the field of the copies, from when it is pressed until it is let go: then what is typed replaces the number
document.addEventListener("focusin", ({ target }) => { entering = target.id === "copies" && target; });
document.addEventListener("click", ({ target }) => {
  if (target === entering) target.select();
  entering = undefined;
});
document.addEventListener("change", (event) => {
  if (event.target.id === "copies") copiesIn(event.target);
  if (event.target.id === "printer") {
    localStorage.setItem(`printer ${clinic}`, event.target.value);
    choosePrinter();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key?.toLowerCase() === "p" && event.ctrlKey !== event.metaKey && !event.altKey) {
    const button = printButton();
    if (!button) return; // the style for paper tells what to do
    event.preventDefault();
    if (button.disabled) tell(button.form.dataset.making);
    else button.click();
  } else if (event.key === " " && event.target.matches("a.button, a.choice, a.format")) {
    event.preventDefault();
    event.target.click();
  }
});
document.addEventListener("keydown", (event) => {
  entered = event.key === "Enter" && event.target.id === "q";
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [document.getElementById("q"), ...document.querySelectorAll("#results [data-first]")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

/** Star a leaflet, or take its star away. */
async function star(form, button) {
  try {
    await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    await go(location.href, { push: false, key: button?.dataset.key });
  } catch {
    tell(broken);
  }
}

/** Change the list for the waiting room, and show it. */
async function changeBatch(form, button) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)), headers: { accept: "application/json" } });
    if (answer.ok) await go(`${base}/batch`, { push: !location.pathname.endsWith("/batch"), key: button.dataset.key });
    else tell((await answer.json()).message);
  } catch {
    tell(broken);
  }
}

// --- one leaflet --------------------------------------------------------------------------------------------------

const byHand = navigator.userAgent.includes("Firefox/"); // it leaves out what a PDF says of copies and sides
let kept = {}, filled = "", busy = false;

/** Return the number of copies; 0 if it is none that can be printed, which is said beside the field. */
function copiesIn(field) {
  const copies = /^\d{1,4}$/.test(field.value.trim()) ? Number(field.value) : 0;
  const right = copies >= Number(field.min) && copies <= Number(field.max);
  const wrong = document.getElementById("copies-wrong");
  wrong.hidden = right;
  wrong.textContent = right ? "" : wrong.dataset.words;
  if (right) field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
  return right ? copies : 0;
}

/** Say how many sheets the copies are, and remember them for other languages and formats of the leaflet. */
function count(field) {
  kept = { leaflet: location.pathname, copies: field.value };
  const sum = document.getElementById("copies-sum"), { sheets, one, other, hint, hintByHand } = field.dataset;
  const copies = field.value && copiesIn(field), all = copies * Number(sheets);
  const words = fill(all === 1 ? one : other, { n: all });
  pile(document.querySelector("[data-pile]"), copies || 0, Number(sheets));
  sum.textContent = !all ? "" : copies > 1 ? fill(byHand ? hintByHand : hint, { sheets: words, copies }) : words;
}

/** Draw the pile of sheets that comes out of the printer; each copy lies a little aside. */
function pile(place, copies, sheets) {
  const all = Math.min(copies * sheets, 200), step = Math.min(3, 44 / Math.max(all, 1)), shapes = [];
  for (let at = 0; at < all; at++) {
    const x = 2 + (Math.floor(at / sheets) % 2) * 4, y = 66 - at * step;
    const sheet = document.createElementNS("http://www.w3.org/2000/svg", "path");
    sheet.setAttribute("d", `M${x} ${y}l22 -18h62l-22 18z`);
    shapes.push(sheet);
  }
  place.replaceChildren(...shapes);
}

let drawing = 0;
const patient = new Map(); // by leaflet: what was typed for this patient, in the memory of this page alone, and gone with it
let given = ""; // the leaflet that was printed or saved as it is filled in now

/** Return what was typed into the fields of a leaflet, in whatever language and format: pairs of field and value. */
export const typedFor = (leaflet) => Object.entries(patient.get(leaflet) ?? {});

/** Back at the search, forget what was filled in on a leaflet that the patient has, unless it is in the letter, too: the next one may get the same leaflet. */
function forgetGiven() {
  const lettered = JSON.parse(sessionStorage.getItem(`pack:${clinic}`) ?? "[]").some(({ leaflet }) => leaflet === given);
  if (!given || lettered || !document.querySelector("[data-search]")) return;
  patient.delete(given);
  given = "";
}

function keepTyped(form) {
  given = "";
  const { order } = document.querySelector("[data-print-form]").elements;
  if (order) order.value = randomNumber(); // what is typed now is another print, whatever became of the one before
  patient.set(form.dataset.leaflet, Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim())));
  document.dispatchEvent(new Event("typed"));
}

/** Fill in again what was typed for the patient: another language or format of a leaflet has the same fields. */
function restoreTyped() {
  const form = document.querySelector("[data-personal]");
  if (!form) return;
  const typed = typedFor(form.dataset.leaflet).filter(([name]) => form.elements[name]);
  for (const [name, value] of typed) form.elements[name].value = value;
  if (typed.length) drawTyped(form);
}

const sendTyped = (form, query) => fetch(form.dataset.personal + query, { method: "POST", body: new FormData(form), headers: { accept: "application/json, application/pdf" } });

/** Show in the pictures of the pages what was typed. A day in the past is only pointed out here, and asked about before it is printed. */
async function drawTyped(form) {
  const mine = ++drawing, list = document.querySelector(".page-pictures"), note = form.querySelector("[data-personal-note]");
  if (!list) return;
  await new Promise((done) => { setTimeout(done, 250); }); // a button that is being pressed must not move away, nor wait for the pictures
  const typed = JSON.stringify(typedFor(form.dataset.leaflet));
  if (mine !== drawing || busy || !list.isConnected || list.typed === typed) return;
  list.blank ??= [...list.children];
  list.typed = "";
  note.textContent = "";
  list.removeAttribute("aria-busy");
  list.replaceChildren(...list.blank);
  if (typed === "[]") {
    clear(form);
    return;
  }
  note.textContent = form.dataset.drawing;
  list.setAttribute("aria-busy", "true");
  const current = () => mine === drawing && list.isConnected;
  let pages = [];
  try {
    let answer = await sendTyped(form, "?pictures"), said = await answer.json(), past = null;
    if (answer.status === 409) {
      past = said.fields;
      answer = await sendTyped(form, "?pictures&past=yes");
      said = await answer.json();
    }
    if (!current()) return;
    if (answer.ok) pages = said.pages;
    clear(form);
    markWrong(form, answer.ok ? past : said.fields);
    if (!answer.ok) tell(said.message);
  } catch {
    if (current()) tell(document.querySelector("[data-print-form]").dataset.broken);
  }
  if (!current()) return;
  list.removeAttribute("aria-busy");
  note.textContent = pages.length ? form.dataset.shown : "";
  list.typed = pages.length ? typed : "";
  if (pages.length) list.replaceChildren(...pages.map((page, at) => typedPage(list, page, at)));
}

function typedPage(list, page, at) {
  const item = (list.blank[at] ?? list.blank[0]).cloneNode(true), image = item.querySelector("img");
  image.removeAttribute("loading");
  image.src = `data:image/png;base64,${page}`;
  return item;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-personal]");
  if (form) keepTyped(form);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-personal]");
  if (form) drawTyped(form);
});
document.addEventListener("next-patient", () => {
  patient.clear();
  forget();
  for (const place of document.querySelectorAll("[data-chart]")) chart(place, "");
  const form = document.querySelector("[data-personal]");
  form?.reset();
  if (form) drawTyped(form);
});
addEventListener("beforeunload", (event) => { if ([...patient.keys()].some((leaflet) => typedFor(leaflet).length)) event.preventDefault(); });

/** Return the button that prints what one is at: the leaflet, or the letter with leaflets that is made. */
function printButton() {
  const leaflet = [...document.querySelectorAll("[data-print]:not([data-part])")].find((button) => button.offsetParent), pack = document.querySelector("[data-print-pack]");
  return leaflet ?? (pack?.offsetParent ? pack : null);
}

/** Print or save the leaflet, filled in for one patient if something is typed, and only if what comes is a PDF. */
async function hand(form, button) {
  const printing = button.hasAttribute("data-print"), personal = document.querySelector("[data-personal]");
  const copies = printing ? copiesIn(form.elements.copies) : 1;
  if (!copies) form.elements.copies.focus();
  if (!copies || busy) return;
  const typed = personal && [...new FormData(personal).values()].some((value) => value.trim());
  const wrong = form.parentElement.querySelector("[data-print-problem]"), charted = form.parentElement.querySelector("[data-chart]");
  wrong.hidden = true;
  chart(charted, "");
  if (typed) clear(personal);
  const waiting = setTimeout(() => tell(form.dataset.making), 600);
  busy = true;
  try {
    const paths = (button.dataset.path ?? form.dataset.path)?.split(" ") ?? [...document.querySelectorAll("[data-part]")].map((each) => each.dataset.path);
    const sets = form.matches("[data-batch]") && !button.hasAttribute("data-part");
    const query = sets ? `?${new URLSearchParams(new FormData(form))}` : printing ? `?copies=${copies}` : typed ? "" : "?save";
    const headers = { accept: "application/json, application/pdf" };
    let answer = typed ? await sendTyped(personal, query) : await fetch((button.getAttribute("formaction") ?? form.action) + query, { headers });
    if (typed && answer.status === 409) { // a day in the past
      const asked = await answer.json();
      if (!form.isConnected) return;
      if (!confirm(asked.message)) {
        refused(personal, asked);
        return;
      }
      answer = await sendTyped(personal, `${query}${query ? "&" : "?"}past=yes`);
    }
    const kind = answer.headers.get("content-type") ?? "", pdf = answer.ok && kind.startsWith("application/pdf");
    const content = pdf ? new Blob([await answer.arrayBuffer()], { type: "application/pdf" }) : kind.startsWith("application/json") ? await answer.json() : { message: form.dataset.failed };
    if (!form.isConnected) return; // somebody has gone on to something else
    if (!pdf) {
      problem(wrong, content.message);
      if (content.fields) refused(personal, content);
      return;
    }
    forget();
    filled = URL.createObjectURL(content);
    if (typed) {
      given = personal.dataset.leaflet;
      document.dispatchEvent(new Event("handed-out"));
    }
    if (printing) {
      print(filled);
      tell([button.dataset.said, copies > 1 && !button.hasAttribute("data-part") ? document.getElementById("copies-sum").textContent : ""].join(" ").trim());
    } else Object.assign(document.createElement("a"), { href: filled, download: fileName(answer) ?? personal.dataset.name }).click();
    if (button.dataset.printed) button.textContent = button.dataset.printed;
    record(charted, paths, printing ? "window" : "saved", copies);
  } catch {
    if (form.isConnected) problem(wrong, form.dataset.broken);
  } finally {
    busy = false;
    clearTimeout(waiting);
    if (typed && form.isConnected) drawTyped(personal);
  }
}

/** Show the printer that was used last in this browser, and name it on the button. */
function choosePrinter() {
  const choice = document.getElementById("printer"), last = localStorage.getItem(`printer ${clinic}`);
  if (!choice) return;
  if ([...choice.options].some((option) => option.value === last)) choice.value = last;
  document.querySelector("[data-press], [data-press-pack]").textContent = choice.selectedOptions[0].dataset.said;
}

/** Print on a printer of the clinic, and say how far it is. An order is sent under one name until it is over: so it is printed once. */
async function press(form, button, rest) {
  const copies = copiesIn(form.elements.copies), personal = document.querySelector("[data-personal]");
  const said = document.querySelector("[data-pressed]"), wrong = document.querySelector("[data-print-problem]");
  const charted = form.parentElement.querySelector("[data-chart]");
  if (!copies) form.elements.copies.focus();
  if (!copies || button.disabled) return;
  said.hidden = wrong.hidden = true;
  chart(charted, "");
  const typed = personal ? [...new FormData(personal)].filter(([, value]) => value.trim()) : [];
  if (typed.length) clear(personal);
  button.disabled = true;
  const order = form.elements.order.value, rests = document.querySelector("[data-rests]");
  const sent = new URLSearchParams(new FormData(form));
  if (rest) for (const name of ["from", "copies"]) sent.set(name, rest[name]);
  for (const [name, value] of typed) sent.set(`personal.${name}`, value);
  rests.replaceChildren();
  const send = () => follow(rest?.address ?? button.formAction, sent, order, () => form.isConnected, ({ failed, words }) => {
    said.hidden = failed;
    wrong.hidden = !failed;
    if (failed) problem(wrong, words);
    else if (said.textContent !== words) said.textContent = words;
  });
  try {
    let state = await send();
    if (state.asks && form.isConnected && confirm(state.words)) { // a day in the past
      sent.set("past", "yes");
      state = await send();
    }
    if (form.elements.order.value === order) form.elements.order.value = state.next;
    if (!form.isConnected) return;
    if (state.fields) refused(personal, state);
    else if (typed.length && !state.failed) {
      given = personal.dataset.leaflet;
      document.dispatchEvent(new Event("handed-out"));
    }
    chart(charted, state.lines);
    showRests(rests, state, (button, each) => press(form, button, each));
  } catch {
    if (form.isConnected) problem(wrong, form.dataset.broken);
  } finally {
    button.disabled = false;
  }
}

/** Send an order until it is over, under one name, so it is printed once; `show` how far it is while somebody is `here`. Return its end. */
export async function follow(address, body, order, here, show) {
  const headers = { accept: "application/json" };
  let state = { running: true }, known = false;
  while (state.running && here()) {
    const answer = known ? await fetch(`${address}${address.includes("?") ? "&" : "?"}order=${order}`, { headers }) : await fetch(address, { method: "POST", body, headers });
    if (known && answer.status === 404) { // the desk was restarted: the same order again goes on where it was
      known = false;
      continue;
    }
    state = await answer.json();
    if (!answer.ok) state = { running: false, failed: true, words: state.message, fields: state.fields, asks: answer.status === 409 };
    known = true;
    if (here()) show(state);
    if (state.running) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return { next: order, lines: "", rests: [], ...state };
}

/** Show the buttons that print what is missing after a paper jam. */
export function showRests(place, { rests }, press) {
  place.hidden = !rests.length;
  place.replaceChildren(...rests.map((each) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: each.words });
    button.addEventListener("click", () => press(button, each));
    return button;
  }));
}

const fileName = (answer) => {
  const name = /filename\*=utf-8''(.+)$/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  return name && decodeURIComponent(name);
};

function clear(form) {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.hidden = true;
  for (const field of form.elements) field.removeAttribute("aria-invalid");
}

function refused(form, { fields }) {
  markWrong(form, fields);
  form.querySelector("[aria-invalid]")?.focus();
}

function markWrong(form, fields) {
  for (const [name, words] of Object.entries(fields ?? {})) {
    const wrong = document.getElementById(`wrong-${name}`);
    if (!wrong) continue;
    wrong.hidden = false;
    wrong.textContent = words;
    form.elements[name].setAttribute("aria-invalid", "true");
  }
}

function forget() {
  const frame = document.getElementById("print-frame");
  if (filled && frame?.src === filled) frame.remove(); // it would load an error, and print that
  if (filled) URL.revokeObjectURL(filled);
  filled = "";
}

async function ready(place) {
  const here = location.href;
  try {
    const answer = await fetch(place.dataset.ready, { headers: { accept: "application/json" } });
    if (location.href !== here) return;
    if (answer.ok) await go(here, { push: false, key: document.activeElement?.dataset.key });
    else problem(place, (await answer.json()).message);
  } catch {
    problem(place, broken);
  }
}

function problem(place, words) {
  place.hidden = false;
  place.classList.add("notice-bad");
  place.textContent = words;
}

function settle() {
  forget();
  const place = document.querySelector("[data-ready]");
  if (place) ready(place);
  const field = document.getElementById("q"); // somebody may have typed before this script was loaded
  if (field && field.value.trim() !== (new URLSearchParams(location.search).get("q") ?? "").trim()) search(field);
  const copies = document.getElementById("copies"), preset = document.querySelector("[data-preset]");
  if (copies) {
    if (kept.leaflet === location.pathname) copies.value = kept.copies;
    count(copies);
  }
  choosePrinter();
  if (preset && byHand) preset.textContent = preset.dataset.preset;
  forgetGiven();
  restoreTyped();
  document.dispatchEvent(new Event("moved"));
}
settle();
