// The alarms and the last runs of the canaries.

import { byId, el, Keyed, notes, setText, since } from "./dom.js";

const STATES = { ALARM: ["bad", "In alarm"], WAITING: ["dull", "Waiting for its first data"], INSUFFICIENT_DATA: ["dull", "No data yet"], OK: ["good", "OK"] };
const ORDER = ["ALARM", "WAITING", "INSUFFICIENT_DATA", "OK"];
const RUNS = { PASSED: ["good", "Passed"], FAILED: ["bad", "Failed"], RUNNING: ["dull", "Running"] };

export const pillOf = (known, state) => {
  const [tone, words] = known[state] ?? ["dull", state];
  return el("span", { class: `pill ${tone}` }, words);
};

export const alarmPill = (state) => pillOf(STATES, state);

class Rows {
  constructor(makeRow) {
    this.node = el("ul", { class: "rows" });
    this.rows = new Keyed(this.node, (row) => `${row.region} ${row.name}`, makeRow);
  }

  show(rows, regions) {
    const down = new Set(regions.filter((region) => !region.up).map((region) => region.name));
    this.rows.show(rows.map((row) => ({ ...row, stale: down.has(row.region) })));
    this.node.hidden = !rows.length;
  }
}

// What is missing, and why; written again when it changed.
class Notes {
  constructor(empty) {
    this.empty = empty;
    this.node = el("div");
  }

  show(told, regions) {
    const asJson = JSON.stringify([told.problems, told.rows.length, regions]);
    const nothing = told.rows.length ? [] : [el("p", { class: "note" }, this.empty)];
    if (this.shown !== asJson) this.node.replaceChildren(...notes(told, regions), ...nothing);
    this.shown = asJson;
  }
}

export class Alarms {
  constructor() {
    this.notes = new Notes("No alarm is deployed.");
    this.loud = new Rows(makeAlarm);
    this.calm = new Rows(makeAlarm);
    this.calmWords = el("summary");
    this.folded = el("details", { class: "folded" }, this.calmWords, this.calm.node);
    this.old = new Rows(makeAlarm);
    this.oldWords = el("summary");
    this.foldedOld = el("details", { class: "folded old" }, this.oldWords, this.old.node);
    byId("alarms").append(this.notes.node, this.loud.node, this.folded, this.foldedOld);
  }

  show(state) {
    const sorted = [...state.alarms.rows].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name) || a.region.localeCompare(b.region));
    const [current, old] = byLife(sorted, state.regions);
    const calm = current.filter((row) => row.state === "OK");
    this.notes.show(state.alarms, state.regions);
    this.loud.show(current.filter((row) => row.state !== "OK"), state.regions);
    this.calm.show(calm, state.regions);
    this.folded.hidden = !calm.length;
    setText(this.calmWords, calm.length === sorted.length ? `All ${calm.length} are OK` : `${calm.length} are OK`);
    this.old.show(old, state.regions);
    this.foldedOld.hidden = !old.length;
    setText(this.oldWords, `${old.length} of regions that are down, with their last state`);
    setText(byId("alarms-count"), headline(current, old));
  }
}

// The rows of regions that are up, and those that a region said before it went down.
function byLife(rows, regions) {
  const down = new Set(regions.filter((region) => !region.up).map((region) => region.name));
  return [rows.filter((row) => !down.has(row.region)), rows.filter((row) => down.has(row.region))];
}

// Old states count as nothing: nobody knows what they would be now.
function headline(current, old) {
  const counted = (state) => current.filter((row) => row.state === state).length;
  const words = current.length ? [`${counted("ALARM")} of ${current.length} in alarm`] : [];
  const waiting = counted("INSUFFICIENT_DATA") + counted("WAITING");
  if (waiting) words.push(`${waiting} not evaluated yet`);
  if (old.length) words.push(`${old.length} not known`);
  return words.join(", ");
}

function makeAlarm(alarm) {
  const pill = el("span");
  const where = el("span", { class: "where" });
  const reason = el("p", { class: "reason" });
  const more = el("div");
  const details = el("details", {}, el("summary", {}, el("span", { class: "name" }, alarm.name)), more);
  const node = el("li", { "data-name": alarm.name }, pill, el("div", { class: "what" }, details, where, reason));
  const update = (row) => {
    node.classList.toggle("stale", row.stale);
    pill.replaceChildren(alarmPill(row.state));
    where.replaceChildren(row.region, ...(row.since ? [", changed ", since(row.since, Date.now() / 1000)] : []));
    setText(reason, row.state === "OK" ? "" : row.reason);
    more.replaceChildren(
      ...[row.state === "OK" ? row.reason : "", row.description, row.rule].filter(Boolean).map((text) => el("p", {}, text)),
      ...(row.threshold === null ? [] : [el("p", {}, `Threshold ${row.threshold}`)]),
    );
  };
  return { node, update };
}

export class Canaries {
  constructor() {
    this.notes = new Notes("No canary is deployed.");
    this.rows = new Rows(makeCanary);
    byId("canaries").append(this.notes.node, this.rows.node);
  }

  show(state) {
    const failed = (row) => row.last?.state === "FAILED";
    const sorted = [...state.canaries.rows].sort((a, b) => failed(b) - failed(a) || a.name.localeCompare(b.name));
    this.notes.show(state.canaries, state.regions);
    this.rows.show(sorted, state.regions);
    const [current, old] = byLife(sorted, state.regions);
    const words = current.length ? [`${current.filter(failed).length} of ${current.length} failed`] : [];
    setText(byId("canaries-count"), [...words, ...(old.length ? [`${old.length} not known`] : [])].join(", "));
  }
}

function makeCanary(canary) {
  const pill = el("span");
  const where = el("span", { class: "where" });
  const reason = el("p", { class: "reason" });
  const runs = el("ol", { class: "runs", "aria-hidden": "true" });
  const node = el("li", { "data-name": canary.name }, pill, el("div", { class: "what" }, el("span", { class: "name" }, canary.name), where, reason, runs));
  const update = (row) => {
    node.classList.toggle("stale", row.stale);
    pill.replaceChildren(row.last ? pillOf(RUNS, row.last.state) : el("span", { class: "pill dull" }, "No run yet"));
    where.replaceChildren(row.region, ...lastRun(row.last));
    setText(reason, row.last?.state === "FAILED" ? row.last.reason : "");
    runs.replaceChildren(...[...row.runs].reverse().map((run) => el("li", { class: RUNS[run.state]?.[0] ?? "dull", title: run.reason || run.state })));
  };
  return { node, update };
}

function lastRun(run) {
  if (!run?.started) return [];
  const took = run.completed ? ` in ${(run.completed - run.started).toFixed(1)} s` : "";
  return [", ", since(run.started, Date.now() / 1000), took];
}
