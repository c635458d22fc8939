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
  const frame = Object.assign(document.createElement("iframe"), { id: "print-frame", src: url, title: "PDF", tabIndex: -1 });
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

async function parsed(url, signal) {
  const answer = await fetch(url, { signal, headers: { accept: "text/html" } });
  return { address: answer.redirected ? answer.url : url, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

// --- moving -------------------------------------------------------------------------------------------------------

const moves = (url) => url.origin === location.origin && (url.pathname === "/" || url.pathname.startsWith("/leaflet/"));

async function go(url, { push = true, key = "" } = {}) {
  try {
    const { address, page } = await parsed(url);
    const main = page.getElementById("main");
    if (!main || !page.getElementById("pack") !== !document.getElementById("pack")) {
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
  const form = document.querySelector("[data-personal]");
  if (form && link.matches("[data-print], [data-save]") && [...new FormData(form).values()].some((value) => value.trim())) {
    event.preventDefault();
    personal(form, link);
    return;
  }
  if (link.hasAttribute("data-print")) {
    event.preventDefault();
    print(link.href);
    tell(link.dataset.said);
    return;
  }
  if (link.hasAttribute("data-back") && sessionStorage.getItem("search")) link.search = sessionStorage.getItem("search");
  const url = new URL(link.href);
  if (link.target || link.hasAttribute("download") || url.hash || !moves(url)) return;
  event.preventDefault();
  go(url.href, { key: link.dataset.key });
});
addEventListener("popstate", () => go(location.href, { push: false }));

// --- the search ---------------------------------------------------------------------------------------------------

let waiting, asking, shown;

async function search(field) {
  clearTimeout(waiting);
  asking?.abort();
  asking = new AbortController();
  const url = field.value.trim() ? `/?q=${encodeURIComponent(field.value)}` : "/";
  if (url === shown) return;
  try {
    const { page } = await parsed(url, asking.signal);
    shown = url;
    document.getElementById("results").replaceWith(document.adoptNode(page.getElementById("results")));
    history.replaceState({}, "", url);
    sessionStorage.setItem("search", new URL(url, location.href).search);
    document.getElementById("heard").textContent = document.getElementById("count").textContent;
  } catch (error) {
    if (error.name !== "AbortError") tell(document.getElementById("pack")?.dataset.broken ?? "");
  }
}

document.addEventListener("input", (event) => {
  if (event.target.id === "q") {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(event.target), 120);
  } else if (event.target.id === "copies") count(event.target);
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-search]")) return;
  event.preventDefault();
  const field = document.getElementById("q");
  const before = shown;
  await search(field);
  // Enter opens the first result once results are shown; a scanner sends Enter after a code, which must not leave the answer.
  if (before === shown || !document.querySelector(".sheet")) document.querySelector("#results [data-first]")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [document.getElementById("q"), ...document.querySelectorAll("#results [data-first]")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

// --- one leaflet --------------------------------------------------------------------------------------------------

function count(field) {
  const copies = Math.min(Math.max(Number.parseInt(field.value, 10) || 1, 1), 500);
  const sheets = copies * Number(field.dataset.sheets);
  const words = fill(sheets === 1 ? field.dataset.one : field.dataset.other, { n: sheets });
  document.getElementById("copies-sum").textContent = !sheets ? "" : copies > 1 ? fill(field.dataset.hint, { sheets: words, copies }) : words;
}

let filled = "";

/** Print or save the leaflet filled in for one patient; show what is wrong next to its field. */
async function personal(form, link) {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.hidden = true;
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  tell(form.dataset.making);
  try {
    const answer = await fetch(form.dataset.personal, { method: "POST", body: new FormData(form), headers: { accept: "application/json, application/pdf" } });
    if (!answer.ok) {
      refused(form, await answer.json());
      return;
    }
    forget();
    filled = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: "application/pdf" }));
    if (link.hasAttribute("data-print")) {
      print(filled);
      tell(link.dataset.said);
    } else Object.assign(document.createElement("a"), { href: filled, download: form.dataset.name }).click();
  } catch {
    tell(document.getElementById("pack").dataset.broken);
  }
}

function refused(form, { message, fields }) {
  tell(message);
  for (const [name, words] of Object.entries(fields ?? {})) {
    const wrong = document.getElementById(`wrong-${name}`);
    if (!wrong) continue;
    wrong.hidden = false;
    wrong.textContent = words;
    form.elements[name].setAttribute("aria-invalid", "true");
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function forget() {
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
    problem(place, document.getElementById("pack").dataset.broken);
  }
}

function problem(place, words) {
  place.classList.add("notice-bad");
  place.textContent = words;
}

function settle() {
  forget();
  shown = document.getElementById("q") ? location.pathname + location.search : undefined;
  const place = document.querySelector("[data-ready]");
  if (place) ready(place);
  const field = document.getElementById("q"); // somebody may have typed before this script was loaded
  if (field && field.value.trim() !== (new URLSearchParams(location.search).get("q") ?? "").trim()) search(field);
  document.dispatchEvent(new Event("moved"));
}
settle();
