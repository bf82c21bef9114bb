// The regions: up or down, their routing control, where their customers are led, their replication.

import { byId, el, Keyed, send, setText } from "./dom.js";

const seconds = (value) => (value === null ? "–" : `${value.toFixed(2)} s`);

export class Regions {
  constructor(refresh) {
    this.refresh = refresh;
    this.cards = new Keyed(byId("regions"), (card) => card.name, (card) => this.make(card));
    byId("refusal").addEventListener("click", () => this.say(""));
  }

  show(state) {
    this.cards.show(cardsOf(state));
    const cluster = byId("cluster");
    const asJson = JSON.stringify([state.arc.rules, state.arc.endpoints, state.arc.controls.length]);
    if (this.shown !== asJson) cluster.replaceChildren(...clusterFacts(state.arc));
    this.shown = asJson;
  }

  make({ name, others }) {
    const status = el("span", { class: "pill" });
    const power = el("button", { type: "button", class: "power" });
    const controls = el("div", { class: "controls" });
    const facts = el("dl");
    const switches = new Keyed(controls, (control) => control.arn, (control) => this.makeSwitch(control));
    power.addEventListener("click", () => this.act(power, () => send(`/_twin/regions/${encodeURIComponent(name)}/${power.dataset.act}`, {})));
    status.hidden = power.hidden = Boolean(others);
    const update = (card) => {
      node.classList.toggle("down", !card.up);
      status.className = `pill ${card.up ? "good" : "bad"}`;
      setText(status, card.up ? "Up" : "Down");
      power.dataset.act = card.up ? "kill" : "revive";
      setText(power, card.up ? "Take down" : "Bring back");
      power.setAttribute("aria-label", `${card.up ? "Take down" : "Bring back"} ${name}`);
      switches.show(card.controls);
      facts.replaceChildren(...card.facts.map(([term, words]) => el("div", {}, el("dt", {}, term), el("dd", {}, words))));
    };
    const node = el("article", { class: "card", "data-region": name }, el("div", { class: "head" }, el("h3", {}, name), status, power), controls, facts);
    return { node, update };
  }

  makeSwitch({ arn, title }) {
    const words = el("span", { class: "switch-words" });
    const button = el("button", { type: "button", role: "switch", class: "switch", "aria-label": title }, el("span", { class: "knob", "aria-hidden": "true" }));
    const toggle = () => this.act(button, () => send("/_twin/page/controls", { arn, on: button.getAttribute("aria-checked") !== "true" }), `${title} was not switched. `);
    button.addEventListener("click", toggle);
    const update = (control) => {
      button.setAttribute("aria-checked", String(control.on));
      setText(words, control.on ? "On" : "Off");
    };
    return { node: el("div", { class: "control" }, el("span", {}, title), words, button), update };
  }

  async act(button, work, prefix = "") {
    button.disabled = true;
    try {
      await work();
      this.say("");
    } catch (error) {
      this.say(prefix + error.message);
    }
    await this.refresh();
    button.disabled = false;
    button.focus();
  }

  say(words) {
    const place = byId("refusal");
    place.hidden = !words;
    setText(place, words);
  }
}

const titled = (control) => ({ ...control, title: `Routing control ${control.name}` });

// A routing control is shown with the region whose name it carries, one of another name on a card of its own.
function cardsOf(state) {
  const cards = state.regions.map((region) => ({
    ...region,
    controls: state.arc.controls.filter((control) => control.name === region.name).map(titled),
    facts: factsOf(region.name, state),
  }));
  const others = state.arc.controls.filter((control) => !state.regions.some((region) => region.name === control.name));
  if (others.length) cards.push({ name: "Other routing controls", others: true, up: true, controls: others.map(titled), facts: [] });
  return cards;
}

function factsOf(region, state) {
  const led = state.names
    .filter((name) => name.near[region])
    .map((name) => [state.names.length > 1 ? `${name.name} near here` : "Clients near here go to", name.near[region]]);
  const links = state.replication.links
    .filter((link) => link.from === region && link.sent)
    .map((link) => [`Replication to ${link.to}`, linkWords(link)]);
  return [...led, ...links];
}

function linkWords(link) {
  const lag = link.lag.count ? `${seconds(link.lag.p50)}, p99 ${seconds(link.lag.p99)}` : "nothing arrived yet";
  const waiting = link.pending ? `, ${link.pending} waiting (oldest ${Math.round(link.oldest_pending_seconds)} s)` : "";
  return `${link.cut ? "cut; " : link.running ? "" : "stopped; "}${lag}${waiting}`;
}

function clusterFacts(arc) {
  if (!arc.controls.length) return [el("p", { class: "note" }, "No routing control is deployed: python -m twin deploy")];
  const up = arc.endpoints.filter((endpoint) => endpoint.up).length;
  const dots = arc.endpoints.map((endpoint) => el("span", { class: `dot ${endpoint.up ? "good" : "bad"}`, title: `${endpoint.region}: ${endpoint.up ? "up" : "down"}` }));
  return [
    ...arc.rules.map((rule) => el("p", {}, el("b", {}, "Safety rule "), `${rule.name}: ${rule.says}; ${rule.wait_seconds} s between changes.`)),
    el("p", {}, el("b", {}, "Cluster endpoints "), el("span", { class: "dots", "aria-hidden": "true" }, dots), ` ${up} of ${arc.endpoints.length} up; ${arc.quorum} must be, for a switch.`),
  ];
}
