// Find a leaflet as a person types: the same search as pdfkit_cli/content/search.py, which explains it. Change both.
// The letters and the weights are those of the Python code, in `data.search`.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { letters: LETTERS, weights: WEIGHTS, minRelativeScore: MIN_RELATIVE_SCORE, compound: COMPOUND } = data.search;

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

// An entry is { leaflet, id, texts: [{ language, title, summary, synonyms }], clinics, codes: [[clinic, code]], in_use }.
function* weightedWords(entry) {
  const id = partsOf(fold(entry.id)).join("");
  for (const word of words(entry.id)) yield [word, word === id ? WEIGHTS.code : WEIGHTS.summary, "", ""];
  for (const [clinic, code] of entry.codes) for (const word of words(code)) yield [word, WEIGHTS.code, "", clinic];
  for (const text of entry.texts) {
    const title = words(text.title);
    for (const word of title) yield [word, WEIGHTS.title + 1 / title.length, text.language, ""];
    for (const synonym of text.synonyms) for (const word of words(synonym)) yield [word, WEIGHTS.synonym, text.language, ""];
    for (const word of words(text.summary)) yield [word, WEIGHTS.summary, text.language, ""];
  }
}

// The best match of a term in a leaflet: whether it is no guess, score, whether it is in the person's own language, language.
const NO_MATCH = [false, 0, false, ""];

function smaller(one, other) {
  const at = [0, 1, 2, 3].find((part) => one[part] !== other[part]);
  return at !== undefined && one[at] < other[at];
}

class Index {
  constructor(entries) {
    this.entries = entries;
    const found = new Map();
    entries.forEach((entry, number) => {
      for (const [word, weight, language, clinic] of weightedWords(entry)) {
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
    this.answers = new Map(); // by term: as a person types on, the earlier words stay the same
    this.text = this.words.map((word) => `\n${word}`).join("");
    this.starts = [];
    let position = 0;
    for (const word of this.words) {
      this.starts.push(position);
      position += word.length + 1;
    }
  }

  find(text, clinic = "", limit = 20, own = "") {
    const matches = new Map(), terms = termsOf(fold(text));
    const scored = terms.map((term) => this.scored(term, clinic, own));
    for (let at = 0; at + 1 < terms.length; at++)
      for (const [number, best] of this.best(this.containing(terms[at] + terms[at + 1]), clinic, own))
        for (const one of [at, at + 1]) if (smaller(scored[one].get(number) ?? NO_MATCH, best)) (scored[one] = new Map(scored[one])).set(number, best);
    for (const each of scored) for (const [number, best] of each) matches.set(number, [...(matches.get(number) ?? []), best]);
    const most = Math.max(0, ...[...matches.values()].map((each) => each.length));
    if (!most || most * 2 < terms.length) return [];
    const hits = [...matches].filter(([, each]) => each.length === most).map(([number, each]) => this.hit(this.entries[number], each, terms.length));
    hits.sort((one, other) => one.guess - other.guess || other.score - one.score || (one.leaflet < other.leaflet ? -1 : 1));
    return hits.slice(0, limit).filter((hit) => hit.score >= MIN_RELATIVE_SCORE * hits[0].score);
  }

  hit(entry, matches, terms) {
    const score = matches.reduce((sum, match) => sum + match[1], 0);
    const guess = matches.length < terms || !matches.every((match) => match[0]);
    const best = matches.reduce((one, other) => (smaller(one, other) ? other : one));
    return { leaflet: entry.leaflet, language: best[3], score: entry.in_use ? score : score / 2, guess };
  }

  scored(term, clinic, own) {
    const asked = `${term} ${clinic} ${own}`;
    if (this.answers.size > 100) this.answers.clear();
    if (!this.answers.has(asked)) this.answers.set(asked, this.answer(term, clinic, own));
    return this.answers.get(asked);
  }

  answer(term, clinic, own) {
    const parts = partsOf(term), found = this.best(this.similarWords(parts.join("")), clinic, own);
    for (const [number, match] of this.split(parts.join(""), clinic, own))
      if (smaller(found.get(number) ?? NO_MATCH, match)) found.set(number, match);
    if (parts.length < 2) return found;
    const [first, ...others] = parts.map((part) => this.best(this.similarWords(part), clinic, own));
    for (const number of first.keys()) {
      if (!others.every((other) => other.has(number))) continue;
      let least = first.get(number);
      for (const other of others) if (smaller(other.get(number), least)) least = other.get(number);
      if (!found.has(number) || smaller(found.get(number), least)) found.set(number, least);
    }
    return found;
  }

  *split(term, clinic, own) {
    for (let cut = 3; cut < term.length - 2; cut++) {
      const firsts = this.weights(term.slice(0, cut), clinic), lasts = firsts.size ? this.weights(term.slice(cut), clinic) : new Map();
      for (const [key, [number, language, weight]] of firsts)
        if (lasts.has(key)) yield [number, [true, COMPOUND.split * Math.min(weight, lasts.get(key)[2]), language === own, language]];
    }
  }

  weights(part, clinic) {
    const found = new Map();
    for (const word of this.forms(part))
      for (const posting of this.postings[word]) {
        const { number, language, weight } = posting, key = `${number} ${language}`;
        if (language && this.handsOut(posting, clinic) && weight > (found.get(key)?.[2] ?? 0)) found.set(key, [number, language, weight]);
      }
    return found;
  }

  *forms(part) {
    for (const stem of new Set([part, part.length > 4 ? part.replace(/s$/, "") : part])) {
      let low = 0, high = this.words.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.words[middle] < stem) low = middle + 1;
        else high = middle;
      }
      for (; low < this.words.length && this.words[low].startsWith(stem); low++) if (this.words[low].length <= stem.length + 2) yield low;
    }
  }

  handsOut(posting, clinic) {
    return !clinic || (this.entries[posting.number].clinics.includes(clinic) && ["", clinic].includes(posting.clinic));
  }

  best(similar, clinic, own) {
    const found = new Map();
    for (const [word, [sure, quality]] of similar)
      for (const posting of this.postings[word]) {
        const best = [sure, quality * posting.weight, posting.language === own, posting.language];
        if (smaller(found.get(posting.number) ?? NO_MATCH, best) && this.handsOut(posting, clinic)) found.set(posting.number, best);
      }
    return found;
  }

  similarWords(term) {
    const similar = this.containing(term), length = term.length;
    const take = (word, quality) => {
      const [sure, known] = similar.get(word) ?? [false, 0];
      if (!sure) similar.set(word, [false, Math.max(quality, known)]);
    };
    for (const [word, start, count] of this.misspelled(term)) {
      const share = Math.min(1, length / this.words[word].length);
      take(word, (start ? 0.5 : 0.75) * 0.7 ** count + 0.1 * share);
    }
    for (const [word, isFirst, share] of this.within(term))
      take(word, isFirst ? COMPOUND.first + (0.5 - COMPOUND.first) * share : COMPOUND.last * share);
    return similar;
  }

  // Of one or two letters only the beginning of a word counts.
  containing(term) {
    const similar = new Map(), length = term.length;
    for (const [word, start] of term ? this.places(length > 2 ? term : `\n${term}`) : []) {
      const share = length / this.words[word].length;
      const quality = share === 1 ? 1 : start <= 0 ? 0.75 + 0.2 * share : 0.5 + 0.2 * share;
      similar.set(word, [true, Math.max(quality, similar.get(word)?.[1] ?? 0)]);
    }
    return similar;
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
        if (this.numbers.has(part)) yield [this.numbers.get(part), term.startsWith(part), part.length / term.length];
  }
}

