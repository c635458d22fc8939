// Find a leaflet as one types: the same search as pdfkit_cli/search.py and folding.py, which say why it is so. Change both.
"use strict";
const CODE = 10, TITLE = 10, SYNONYM = 8, SUMMARY = 5, FAR = 0.35;
const LETTERS = {
  "æ": "a", "ø": "o", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ı": "i", "ſ": "s", "ς": "σ",
  "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ء": "", "ـ": "",
};
for (let digit = 0; digit < 10; digit++)
  for (const first of [0x660, 0x6f0]) LETTERS[String.fromCharCode(first + digit)] = String(digit);

function fold(text) {
  const plain = text.normalize("NFKD").toLowerCase().replace(/\p{M}+/gu, "");
  return plain.replace(/[^\x00-\x7f]/g, (char) => LETTERS[char] ?? char).replace(/([aou])e/g, "$1").replace(/(\p{L})\1+/gu, "$1");
}

const termsOf = (folded) => folded.match(/\S+/g) ?? [];
const partsOf = (term) => term.match(/[\p{L}\p{N}]+/gu) ?? [];

const known = new Map();
function words(text) {
  return text.split(/\s+/).flatMap((term) => {
    if (!known.has(term))
      known.set(term, termsOf(fold(term)).flatMap((folded) => {
        const parts = partsOf(folded);
        return parts.length < 2 ? parts : [...parts, parts.join("")];
      }));
    return known.get(term);
  });
}

function slips(term, text, most) {
  let same = 0;
  while (same < term.length && same < text.length && term[same] === text[same]) same++;
  term = term.slice(same);
  text = text.slice(same);
  if (!term || !most) return term ? 1 : 0;
  const tries = [slips(term.slice(1), text, most - 1)];
  if (text) tries.push(slips(term.slice(1), text.slice(1), most - 1), slips(term, text.slice(1), most - 1));
  if (term.length > 1 && text.length > 1 && term[0] === text[1] && term[1] === text[0])
    tries.push(slips(term.slice(2), text.slice(2), most - 1));
  return 1 + Math.min(...tries);
}

function allowed(term) {
  if (term.length < 4 || /\p{Nd}/u.test(term)) return 0;
  return term.length < 8 ? 1 : 2;
}

function pieces(term, most) {
  const cuts = Array.from({ length: most + 2 }, (_, number) => Math.floor((term.length * number) / (most + 1)));
  const found = [];
  for (let at = 0; at <= most; at++) found.push([cuts[at], term.slice(cuts[at], cuts[at + 1])]);
  for (let at = 0; at < most; at++) found.push([cuts[at], term.slice(cuts[at], cuts[at + 1] - 1) + term[cuts[at + 1]]]);
  return found;
}

// An entry is { leaflet, id, texts: [{ language, title, summary, synonyms }], clinics, codes: [[clinic, code]], inUse }.
function* foundBy(entry) {
  const id = partsOf(fold(entry.id)).join("");
  for (const word of words(entry.id)) yield [word, word === id ? CODE : SUMMARY, "", ""];
  for (const [clinic, code] of entry.codes) for (const word of words(code)) yield [word, CODE, "", clinic];
  for (const text of entry.texts) {
    const title = words(text.title);
    for (const word of title) yield [word, TITLE + 1 / title.length, text.language, ""];
    for (const synonym of text.synonyms) for (const word of words(synonym)) yield [word, SYNONYM, text.language, ""];
    for (const word of words(text.summary)) yield [word, SUMMARY, text.language, ""];
  }
}

// What is found best of a term: score, whether it is in the own language, language.
const NONE = [0, false, ""];

function smaller(one, other) {
  const at = [0, 1, 2].find((part) => one[part] !== other[part]);
  return at !== undefined && one[at] < other[at];
}

class Index {
  constructor(entries) {
    this.entries = entries;
    const found = new Map();
    entries.forEach((entry, number) => {
      for (const [word, weight, language, clinic] of foundBy(entry)) {
        if (!found.has(word)) found.set(word, []);
        const postings = found.get(word);
        let at = postings.length - 1; // those of this entry are the last
        while (at >= 0 && postings[at].number === number && (postings[at].language !== language || postings[at].clinic !== clinic)) at--;
        if (at < 0 || postings[at].number !== number) postings.push({ number, weight, language, clinic });
        else if (weight > postings[at].weight) postings[at].weight = weight;
      }
    });
    this.words = [...found.keys()].sort();
    this.numbers = new Map(this.words.map((word, at) => [word, at]));
    this.postings = this.words.map((word) => found.get(word));
    this.answers = new Map(); // by term: as one types on, the words before stay the same
    this.text = this.words.map((word) => `\n${word}`).join("");
    this.starts = [];
    let position = 0;
    for (const word of this.words) {
      this.starts.push(position);
      position += word.length + 1;
    }
  }

  find(text, clinic = "", limit = 20, own = "") {
    const scores = new Map(), terms = termsOf(fold(text));
    for (const term of terms)
      for (const [number, best] of this.scored(term, clinic, own)) {
        const sum = scores.get(number) ?? { score: 0, count: 0, leading: NONE };
        scores.set(number, sum);
        sum.score += best[0];
        sum.count += 1;
        if (smaller(sum.leading, best)) sum.leading = best;
      }
    const most = Math.max(0, ...[...scores.values()].map((sum) => sum.count));
    if (!most || most * 2 < terms.length) return [];
    const hits = [];
    for (const [number, sum] of scores)
      if (sum.count === most) {
        const entry = this.entries[number];
        hits.push({ leaflet: entry.leaflet, language: sum.leading[2], score: entry.inUse ? sum.score : sum.score / 2 });
      }
    hits.sort((one, other) => other.score - one.score || (one.leaflet < other.leaflet ? -1 : 1));
    return hits.slice(0, limit).filter((hit) => hit.score >= FAR * hits[0].score);
  }

  scored(term, clinic, own) {
    const asked = `${term} ${clinic} ${own}`;
    if (this.answers.size > 100) this.answers.clear();
    if (!this.answers.has(asked)) this.answers.set(asked, this.answer(term, clinic, own));
    return this.answers.get(asked);
  }

  answer(term, clinic, own) {
    const parts = partsOf(term), found = this.best(parts.join(""), clinic, own);
    if (parts.length < 2) return found;
    const [first, ...others] = parts.map((part) => this.best(part, clinic, own));
    for (const number of first.keys()) {
      if (!others.every((other) => other.has(number))) continue;
      let least = first.get(number);
      for (const other of others) if (smaller(other.get(number), least)) least = other.get(number);
      if (!found.has(number) || smaller(found.get(number), least)) found.set(number, least);
    }
    return found;
  }

  best(term, clinic, own) {
    const found = new Map();
    for (const [word, quality] of this.alike(term))
      for (const posting of this.postings[word]) {
        const best = [quality * posting.weight, posting.language === own, posting.language];
        if (!smaller(found.get(posting.number) ?? NONE, best)) continue;
        const ours = !clinic || (this.entries[posting.number].clinics.includes(clinic) && ["", clinic].includes(posting.clinic));
        if (ours) found.set(posting.number, best);
      }
    return found;
  }

  alike(term) {
    const alike = new Map(), length = term.length;
    const take = (word, quality) => alike.set(word, Math.max(quality, alike.get(word) ?? 0));
    for (const [word, start] of length > 2 ? this.places(term) : this.beginnings(term)) {
      const share = length / this.words[word].length;
      take(word, share === 1 ? 1 : start === 0 ? 0.75 + 0.2 * share : 0.5 + 0.2 * share);
    }
    for (const [word, start, count] of this.misspelled(term)) {
      const share = Math.min(1, length / this.words[word].length);
      take(word, (start ? 0.5 : 0.75) * 0.7 ** count + 0.1 * share);
    }
    for (const [word, share] of this.within(term)) take(word, 0.5 * share);
    return alike;
  }

  *beginnings(term) {
    if (term) for (let word = 0; word < this.words.length; word++) if (this.words[word].startsWith(term)) yield [word, 0];
  }

  *places(needle) {
    for (let at = this.text.indexOf(needle); at >= 0; at = this.text.indexOf(needle, at + 1)) {
      let low = 0, high = this.starts.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.starts[middle] <= at) low = middle + 1;
        else high = middle;
      }
      yield [low - 1, at - this.starts[low - 1] - 1];
    }
  }

  *misspelled(term) {
    const most = allowed(term);
    for (const [offset, piece] of most ? pieces(term, most) : [])
      for (const [word, start] of this.places(piece)) {
        const near = Math.abs(start - offset) <= most ? slips(term, this.words[word], most) : most + 1;
        if (near <= most) yield [word, 0, near];
        else if (offset === 0 && piece.length > 2 && start > 2) {
          const count = slips(term, this.words[word].slice(start), most);
          if (count <= most) yield [word, start, count];
        }
      }
  }

  *within(term) {
    for (let cut = 4; cut < term.length - 1; cut++)
      for (const part of [term.slice(0, cut), term.slice(-cut)])
        if (this.numbers.has(part)) yield [this.numbers.get(part), part.length / term.length];
  }
}

