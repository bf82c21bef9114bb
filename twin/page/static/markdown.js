// The part of Markdown that text widgets use: headings, paragraphs, lists, tables, code, emphasis, links.

import { el } from "./dom.js";

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_(?!\w))|(\[[^\]]*\]\([^)\s]*\))/;

export function inline(text) {
  const nodes = [];
  while (text) {
    const found = INLINE.exec(text);
    if (!found) return [...nodes, text];
    nodes.push(text.slice(0, found.index), marked(found));
    text = text.slice(found.index + found[0].length);
  }
  return nodes;
}

function marked([whole, code, strong, emphasis]) {
  if (code) return el("code", {}, code.slice(1, -1));
  if (strong) return el("strong", {}, inline(strong.slice(2, -2)));
  if (emphasis) return el("em", {}, inline(emphasis.slice(1, -1)));
  const [, words, target] = /^\[([^\]]*)\]\((.*)\)$/.exec(whole);
  // Anything but a web address, a script's above all, stays words.
  return /^https?:\/\//.test(target) ? el("a", { href: target, rel: "noopener noreferrer", target: "_blank" }, words) : words;
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

const BLOCKS = [
  { starts: /^```/, read: readCode },
  { starts: /^#{1,6}\s/, read: (lines) => heading(lines.shift()) },
  { starts: /^\s*([-*_])(\s*\1){2,}\s*$/, read: (lines) => (lines.shift(), el("hr")) },
  { starts: /^\s*[-*+]\s/, read: (lines) => readList(lines, "ul", /^\s*[-*+]\s+/) },
  { starts: /^\s*\d+[.)]\s/, read: (lines) => readList(lines, "ol", /^\s*\d+[.)]\s+/) },
  { starts: /^\s*\|.*\|\s*$/, read: readTable },
];

const starts = (line) => BLOCKS.find((block) => block.starts.test(line));

export function markdown(text) {
  const lines = text.split(/\r?\n/);
  const nodes = [];
  while (lines.length) {
    if (!lines[0].trim()) lines.shift();
    else nodes.push((starts(lines[0])?.read ?? readParagraph)(lines));
  }
  return nodes;
}

// Below the page's own headings.
function heading(line) {
  const [, marks, words] = /^(#+)\s+(.*?)\s*#*$/.exec(line) ?? [line, "#", line];
  return el(`h${Math.min(6, marks.length + 3)}`, {}, inline(words));
}

function readCode(lines) {
  lines.shift();
  const code = [];
  while (lines.length && !lines[0].startsWith("```")) code.push(lines.shift());
  lines.shift();
  return el("pre", {}, el("code", {}, code.join("\n")));
}

function readList(lines, tag, mark) {
  const items = [];
  while (lines.length && mark.test(lines[0])) items.push(el("li", {}, inline(lines.shift().replace(mark, ""))));
  return el(tag, {}, items);
}

function readTable(lines) {
  const rows = [];
  while (lines.length && /^\s*\|.*\|\s*$/.test(lines[0])) rows.push(cells(lines.shift()));
  const headed = rows.length > 1 && rows[1].every((cell) => /^:?-+:?$/.test(cell));
  const row = (tag) => (values) => el("tr", {}, values.map((value) => el(tag, {}, inline(value))));
  const head = headed ? [el("thead", {}, row("th")(rows[0]))] : [];
  return el("div", { class: "scroll" }, el("table", {}, head, el("tbody", {}, (headed ? rows.slice(2) : rows).map(row("td")))));
}

function readParagraph(lines) {
  const words = [];
  while (lines.length && lines[0].trim() && !(words.length && starts(lines[0]))) words.push(lines.shift());
  return el("p", {}, inline(words.join(" ")));
}
