// The page: shows what matches the query and the choices. All data are in the JSON of the page.
const byName = new Map(data.leaflets.map((leaflet) => [leaflet.leaflet, leaflet]));
const typed = document.getElementById("typed"), clinicChoice = document.getElementById("clinic"), more = document.getElementById("more");
const results = document.getElementById("results"), count = document.getElementById("count");
const STEP = 20;
const STOPS = ".print a, .notice a, .unchosen select";
const DAY = 24 * 60 * 60 * 1000;
let language = remembered("language", Object.keys(data.phrases)) || data.language;
let shown = STEP, index = null, found = [];
const chosen = new Map(); // by leaflet: what was chosen of it

function remembered(name, allowed) {
  try {
    const value = localStorage.getItem(`pdfkit.${name}`);
    return allowed.includes(value) ? value : "";
  } catch {
    return ""; // a file share may allow no storage
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`pdfkit.${name}`, value);
  } catch {
    // it has to be chosen again next time
  }
}

function say(name, values = {}) {
  let phrase = data.phrases[language][name];
  if (typeof phrase === "object") phrase = values.n === 1 ? phrase.one : phrase.other;
  return phrase.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value === true) made.setAttribute(key, "");
    else if (value !== false) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Days from today until a date, which is the last valid day.
function daysUntil(date) {
  const [year, month, day] = date.split("-").map(Number), now = new Date();
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / DAY);
}

function inWords(date) {
  const [year, month, day] = date.split("-").map(Number);
  const locale = language === "en" ? "en-GB" : language;
  const format = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return format.format(Date.UTC(year, month - 1, day));
}

const expired = (leaflet) => leaflet.review_by !== "" && daysUntil(leaflet.review_by) < 0;
const offered = (leaflet) => leaflet.in_use && !expired(leaflet) && leaflet.files.length > 0;
const allClinics = Object.keys(data.clinics);
const clinicNow = () => data.clinic || clinicChoice?.value || (allClinics.length === 1 ? allClinics[0] : "");
const spoken = (code) => ({ lang: code, dir: data.languages[code]?.dir ?? "ltr" });

function textIn(leaflet, ...codes) {
  for (const code of [...codes, leaflet.source]) {
    const text = leaflet.texts.find((each) => each.language === code);
    if (text) return text;
  }
  return leaflet.texts[0];
}

const distinct = (values) => [...new Set(values)];

// The language that was asked for: that of the page, unless what was typed is only found in another.
function askedFor(leaflet, hit) {
  const text = leaflet.texts.find((each) => each.language === language);
  const known = text ? [text.title, text.summary, ...text.synonyms].flatMap(words) : [];
  const isOurs = termsOf(fold(typed.value)).every((term) => known.some((word) => word.startsWith(term)));
  return hit && !isOurs ? hit.language : language;
}

// The chosen PDF of a leaflet, and the options: clinic, language, variant and format, each limited by the choices before it.
// Until a clinic is chosen, no PDF is: it would have the phone number of any.
function choose(leaflet, hit) {
  const wanted = chosen.get(leaflet.leaflet) ?? {}, choice = {}, options = {};
  const here = clinicNow();
  let files = leaflet.files.filter((file) => !here || file.clinic === here);
  const narrow = (part, preferred, order = []) => {
    const there = files.map((file) => file[part]);
    options[part] = distinct([...order, ...there]).filter((value) => there.includes(value));
    choice[part] = [wanted[part], ...preferred].find((value) => options[part].includes(value)) ?? options[part][0];
    files = files.filter((file) => file[part] === choice[part]);
  };
  if (here || wanted.clinic) narrow("clinic", []);
  else {
    options.clinic = distinct(files.map((file) => file.clinic));
    choice.clinic = "";
  }
  narrow("language", [askedFor(leaflet, hit), language, data.language, leaflet.source], [data.language, leaflet.source]);
  narrow("variant", ["full"]);
  narrow("format", []);
  return { choice, options, file: files[0] };
}

function card(leaflet, hit) {
  const open = offered(leaflet), { choice, options, file } = open ? choose(leaflet, hit) : {};
  const title = textIn(leaflet, language, data.language);
  const id = `title-${leaflet.leaflet}`;
  const heading = element("h2", { id, ...spoken(title.language) }, title.title);
  const theirs = choice && choice.language !== title.language ? textIn(leaflet, choice.language) : null;
  const cover = leaflet.cover ? element("img", { class: "cover", src: leaflet.cover, alt: "", width: 84 }) : element("div", { class: "cover none" });
  const made = element("article", { class: `card leaflet${open ? "" : " closed"}`, "aria-labelledby": id, "data-leaflet": leaflet.leaflet },
    cover,
    element("header", {},
      heading,
      theirs ? element("p", { class: "translated", ...spoken(theirs.language) }, theirs.title) : null,
      labels(leaflet, file),
      facts(leaflet, file),
      element("p", { class: "summary", ...spoken(title.language) }, title.summary)),
    open ? choices(leaflet, choice, options, file) : closed(leaflet));
  return made;
}

function labels(leaflet, file) {
  const said = [];
  const left = leaflet.review_by ? daysUntil(leaflet.review_by) : Infinity;
  if (leaflet.withdrawn) said.push(["bad", say("withdrawn")]);
  else if (leaflet.successor) said.push(["bad", say("superseded")]);
  else if (left < 0) said.push(["bad", say("expired", { day: inWords(leaflet.review_by) })]);
  else if (left === 0) said.push(["warn", say("today")]);
  else if (left <= data.soon) said.push(["warn", say("soon", { n: left })]);
  if (file?.draft) said.push(["warn", say("draft")]);
  for (const label of (file && leaflet.labels[file.language]) || []) said.push(["warn", say(label)]);
  if (file && file.version !== leaflet.version) said.push(["bad", say("older", { version: leaflet.version })]);
  return element("ul", { class: "labels" }, ...said.map(([kind, words]) => element("li", { class: `label label-${kind}` }, words)));
}

function facts(leaflet, file) {
  const said = [leaflet.id, say("version", { version: file?.version ?? leaflet.version })];
  said.push(leaflet.reviewed ? say("reviewed", { day: inWords(leaflet.reviewed) }) : say("not_reviewed"));
  if (file) said.push(say("pages", { n: file.pages }), say("sheets", { n: Math.ceil(file.pages / 2) }));
  return element("p", { class: "facts" }, ...said.map((words) => element("span", {}, words)));
}

function choices(leaflet, choice, options, file) {
  const parts = [];
  if (!choice.clinic) return element("div", { class: "choices unchosen" }, clinics(leaflet, choice, ["", ...options.clinic]), element("p", {}, say("choose_clinic")));
  if (options.clinic.length > 1) parts.push(clinics(leaflet, choice, options.clinic));
  parts.push(pills(leaflet, "language", "patient_language", options.language, choice, languageName));
  if (options.variant.length > 1) parts.push(pills(leaflet, "variant", "variant", options.variant, choice, (name) => element("span", {}, say(name))));
  parts.push(pills(leaflet, "format", "format", options.format, choice, (name) => element("span", {}, formatName(name)), (name) => data.formats[name]?.how === "away"));
  return element("div", { class: "choices" }, ...parts, print(leaflet, file));
}

// The name of a language in the page's and its own, unless staff know it by its own.
function languageName(code) {
  const { own, names } = data.languages[code] ?? { own: code };
  const ours = code in data.phrases || !names ? null : `${names[language]} · `; // staff know the languages of this page by their own names
  return element("span", {}, ours, element("bdi", spoken(code), own));
}

const formatName = (name) => data.formats[name]?.title[language] ?? name;

function clinics(leaflet, choice, names) {
  const select = element("select", { name: `${leaflet.leaflet}-clinic` },
    ...names.map((name) => element("option", { value: name, selected: name === choice.clinic }, name ? data.clinics[name] ?? name : "–")));
  select.addEventListener("change", () => pick(leaflet, { ...choice, clinic: select.value }, select.name));
  return element("label", { class: "choice" }, element("span", { class: "muted small" }, say("clinic")), select);
}

// Radio buttons; options that are `away` from this printer come last, collapsed.
function pills(leaflet, part, phrase, names, choice, words, away = () => false) {
  const group = `${leaflet.leaflet}-${part}`;
  const pill = (name) => {
    const input = element("input", { type: "radio", name: group, value: name, checked: name === choice[part] });
    input.addEventListener("change", () => pick(leaflet, { ...choice, [part]: name }, group));
    return element("label", { class: "pill" }, input, words(name));
  };
  const near = names.filter((name) => !away(name)), far = names.filter(away);
  const folded = far.length
    ? element("details", { open: away(choice[part]) }, element("summary", {}, say("others")), element("div", { class: "pills" }, ...far.map(pill)))
    : null;
  const heading = `${group}-heading`;
  return element("div", { class: "choice", role: "radiogroup", "aria-labelledby": heading },
    element("span", { id: heading, class: "muted small" }, say(phrase)), element("div", { class: "pills" }, ...near.map(pill), folded ?? ""));
}

function print(leaflet, file) {
  const { how, purpose } = data.formats[file.format] ?? { how: "long-edge" };
  const id = `how-${leaflet.leaflet}`;
  const link = element("a", { class: "button primary", href: encodeURI(file.path), target: "_blank", rel: "noopener", "aria-describedby": id },
    say("open"), element("span", { class: "visually-hidden" }, ` (PDF, ${say("new_window")})`));
  return element("div", { class: "print" }, link, element("p", { id }, `${how === "away" ? purpose[language] : ""} ${say(how)}`.trim()));
}

function closed(leaflet) {
  const next = byName.get(leaflet.successor), words = [say("closed"), " "];
  if (next) {
    const link = element("a", { href: `#${encodeURIComponent(next.id)}` }, textIn(next, language, data.language).title);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      lookFor(next.id);
    });
    words.push(`${say("instead")}: `, link);
  } else words.push(say("ask"));
  return element("div", { class: "choices" }, element("p", { class: "notice notice-bad" }, ...words));
}

function lookFor(words) {
  typed.value = words;
  show();
  results.querySelector(STOPS)?.focus();
}

// Redraw the leaflet with a new choice, and keep the focus.
function pick(leaflet, choice, group) {
  chosen.set(leaflet.leaflet, choice);
  const old = results.querySelector(`[data-leaflet="${leaflet.leaflet}"]`);
  old.replaceWith(card(leaflet, null));
  results.querySelector(`[name="${group}"]:checked, select[name="${group}"]`)?.focus();
}

function everything() {
  const here = clinicNow(), title = (leaflet) => textIn(leaflet, language, data.language).title;
  const ours = data.leaflets.filter((leaflet) => !here || leaflet.clinics.includes(here));
  const order = new Intl.Collator(language);
  return ours.sort((one, other) => offered(other) - offered(one) || order.compare(title(one), title(other))).map((leaflet) => ({ leaflet: leaflet.leaflet }));
}

function show() {
  const words = typed.value.trim();
  if (words) index ??= new Index(data.leaflets);
  shown = STEP;
  found = words ? index.find(words, clinicNow(), Infinity, language) : everything();
  draw();
}

function draw() {
  const guessed = found.findIndex((hit) => hit.guess);
  const heading = (at) => (at === guessed && at ? element("p", { class: "guesses muted" }, say("perhaps")) : null);
  results.replaceChildren(...found.slice(0, shown).map((hit, at) => element("li", {}, heading(at), card(byName.get(hit.leaflet), hit))));
  more.hidden = found.length <= shown;
  const words = { typed: typed.value.trim() }, exact = guessed < 0 ? found.length : guessed;
  count.textContent = exact || !words.typed ? say("results", { n: exact }) : say(found.length ? "guesses" : "none", words);
}

function speak(code) {
  language = code;
  document.documentElement.lang = code;
  document.title = document.title.replace(/^[^·]*(?= ·)/, say("title"));
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
  for (const each of document.querySelectorAll("[data-say-label]")) each.setAttribute("aria-label", say(each.dataset.sayLabel));
  for (const each of document.querySelectorAll("[data-language]"))
    if (each.dataset.language === code) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
}

// Arrow keys move from the search to the results and through them.
function walk(event) {
  if (event.key === "Escape" && document.activeElement === typed && typed.value) {
    typed.value = "";
    show();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [typed, ...results.querySelectorAll(STOPS)], at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  results.querySelector(STOPS)?.focus();
});
typed.addEventListener("input", show);
document.addEventListener("keydown", walk);
clinicChoice?.addEventListener("change", () => {
  remember("clinic", clinicChoice.value);
  show();
});
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    remember("language", button.dataset.language);
    speak(button.dataset.language);
    draw();
  });
more.addEventListener("click", () => {
  const next = shown;
  shown += STEP;
  draw();
  results.children[next]?.querySelector("a, input, select")?.focus();
});
if (clinicChoice) clinicChoice.value = remembered("clinic", Object.keys(data.clinics));
speak(language);
show();
setTimeout(() => (index ??= new Index(data.leaflets)), 100); // after the page is drawn, before the first letter is typed
