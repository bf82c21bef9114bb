// The page: asks for the state every two seconds and shows it.

import { byId, clock, setText, tick } from "./dom.js";
import { Dashboards } from "./dashboards.js";
import { Regions } from "./regions.js";
import { Alarms, Canaries } from "./tables.js";

const EVERY_MS = 2000;
const view = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
let paused = false;
let asking = null;

const parts = [new Regions(() => ask()), new Alarms(), new Canaries(), new Dashboards(view, choose)];

function choose(wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    if (value) view[name] = value;
    else delete view[name];
  }
  history.replaceState(null, "", `#${new URLSearchParams(view)}`);
  ask();
}

// A newer question takes the place of one under way.
async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const response = await fetch(`/_twin/page/state?${new URLSearchParams(view)}`, { signal: mine.signal });
    const state = await response.json();
    if (!response.ok) throw new Error(state.error);
    if (!mine.signal.aborted) show(state);
  } catch (error) {
    if (!mine.signal.aborted) live("bad", error instanceof TypeError ? "The twin does not answer: is it stopped?" : error.message);
  } finally {
    if (asking === mine) asking = null;
  }
}

function show(state) {
  setText(byId("zone"), state.hostedZone);
  for (const part of parts) part.show(state);
  tick(state.now);
  live(paused ? "dull" : "good", `${paused ? "Paused" : "Live"}, ${clock(state.now)}`);
}

function live(tone, words) {
  byId("live").firstElementChild.className = `dot ${tone}`;
  setText(byId("live-words"), words);
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  setText(byId("pause"), paused ? "Go on" : "Pause");
  if (paused) live("dull", "Paused");
  else ask();
});

document.addEventListener("visibilitychange", () => !document.hidden && !paused && ask());
// A page that nobody sees asks nothing.
setInterval(() => !paused && !document.hidden && !asking && ask(), EVERY_MS);
ask();
