// Elements made without HTML text: whatever a name or a message holds stays text.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Elements by key: kept while their item is there, so that focus, open details and hovers survive.
// `make(item)` gives { node, update(item) }.
export class Keyed {
  constructor(parent, keyOf, make) {
    Object.assign(this, { parent, keyOf, make, made: new Map() });
  }

  show(items) {
    const seen = new Set();
    items.forEach((item, place) => {
      const key = this.keyOf(item);
      seen.add(key);
      if (!this.made.has(key)) this.made.set(key, this.make(item));
      const entry = this.made.get(key);
      const asJson = JSON.stringify(item);
      if (entry.shown !== asJson) {
        entry.update(item);
        entry.shown = asJson;
      }
      if (this.parent.children[place] !== entry.node) this.parent.insertBefore(entry.node, this.parent.children[place] ?? null);
    });
    for (const [key, entry] of this.made) {
      if (!seen.has(key)) {
        entry.node.remove();
        this.made.delete(key);
      }
    }
  }
}

const two = (number) => String(number).padStart(2, "0");

export function clock(seconds, withSeconds = true) {
  const at = new Date(seconds * 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}${withSeconds ? `:${two(at.getSeconds())}` : ""}`;
}

export function ago(seconds) {
  if (seconds < 1) return "now";
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

export function span(seconds) {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

// Time that passes: text that is written again at every tick without the rest of its element.
export function since(seconds, now) {
  return el("time", { datetime: new Date(seconds * 1000).toISOString(), title: clock(seconds), "data-at": seconds }, ago(now - seconds));
}

export function tick(now) {
  for (const node of document.querySelectorAll("time[data-at]")) setText(node, ago(now - Number(node.dataset.at)));
}

// The same words of several regions are said once.
function problemWords(problems) {
  const said = new Map();
  for (const [region, words] of Object.entries(problems)) said.set(words, [...(said.get(words) ?? []), region]);
  return [...said].map(([words, regions]) => `${regions.join(", ")}: ${words}`);
}

// What a subject's regions refused to tell, and which of them are down.
export function notes(told, regions) {
  const heard = (region) => told.rows.some((row) => row.region === region.name);
  const words = regions
    .filter((region) => !region.up)
    .map((region) => `${region.name} is down and does not answer: ${heard(region) ? "what it said last is shown" : "nothing is known of it"}.`);
  return [...words, ...problemWords(told.problems)].map((text) => el("p", { class: "note" }, text));
}

// Send a change; an error with the twin's words when it was refused.
export async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok || answer.refused) throw new Error(answer.refused ?? answer.error);
}
