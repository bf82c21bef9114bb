// The deployed dashboards: which there are, and the widgets of the one that is looked at.

import { Chart } from "./chart.js";
import { byId, el, Keyed, notes, setText } from "./dom.js";
import { markdown } from "./markdown.js";
import { alarmPill } from "./tables.js";

export class Dashboards {
  // `choose({dashboard, seconds, period})` is told what the reader wants to see.
  constructor(view, choose) {
    this.names = new Keyed(byId("dashboard-names"), (row) => row.name, (row) => this.makeTab(row, choose));
    this.widgets = new Keyed(byId("widgets"), (widget) => widget.key, makeWidget);
    for (const [id, member] of [["range", "seconds"], ["period", "period"]]) {
      byId(id).value = view[member] ?? "";
      byId(id).addEventListener("change", (event) => choose({ [member]: event.target.value }));
    }
  }

  makeTab({ name }, choose) {
    const node = el("button", { type: "button", onclick: () => choose({ dashboard: name }) }, name);
    return { node, update: ({ chosen }) => node.setAttribute("aria-pressed", String(chosen)) };
  }

  show(state) {
    const { dashboard } = state;
    this.names.show(state.dashboards.names.map((name) => ({ name, chosen: name === dashboard?.name })));
    this.note(state);
    const widgets = dashboard?.widgets ?? [];
    this.widgets.show(
      widgets.map((widget, place) => ({
        ...widget,
        key: `${dashboard.name} ${place} ${widget.kind}`,
        start: dashboard.start,
        end: dashboard.end,
        alarmRows: state.alarms.rows.filter((alarm) => widget.alarms.includes(alarm.arn)),
      })),
    );
  }

  note(state) {
    const { dashboard } = state;
    const words = [];
    if (!dashboard) words.push("No dashboard is deployed.");
    if (dashboard?.problem) words.push(dashboard.problem);
    const down = state.regions.filter((region) => !region.up).map((region) => region.name);
    if (dashboard && down.length) words.push(`${down.join(", ")} is down: CloudWatch there does not answer, and its lines end where it fell silent.`);
    const asJson = JSON.stringify([words, state.dashboards.problems]);
    if (this.noted !== asJson) byId("dashboard-note").replaceChildren(...words.map((text) => el("p", { class: "note" }, text)), ...notes({ rows: [], problems: state.dashboards.problems }, []));
    this.noted = asJson;
  }
}

function makeWidget(widget) {
  const make = { metric: makeMetric, text: makeText, alarm: makeAlarms };
  const made = (widget.problem ? makeProblem : make[widget.kind])(widget);
  const { x, y, width, height } = widget;
  // The body's grid of 24 columns; a narrow screen has one column instead.
  made.node.style.gridArea = `${y + 1} / ${x + 1} / span ${height} / span ${width}`;
  return made;
}

function makeMetric() {
  const chart = new Chart();
  return { node: chart.node, update: (widget) => chart.show(widget, widget.start, widget.end, widget.alarmRows) };
}

function makeText() {
  const node = el("article", { class: "widget text" });
  let shown = null;
  const update = (widget) => {
    if (shown !== widget.markdown) node.replaceChildren(...markdown(widget.markdown));
    shown = widget.markdown;
  };
  return { node, update };
}

function makeAlarms() {
  const title = el("h3");
  const list = el("ul", { class: "alarm-list" });
  const update = (widget) => {
    setText(title, widget.title || "Alarms");
    const missing = widget.alarms.filter((arn) => !widget.alarmRows.some((alarm) => alarm.arn === arn));
    list.replaceChildren(
      ...widget.alarmRows.map((alarm) => el("li", {}, alarmPill(alarm.state), el("span", { title: alarm.reason }, alarm.name))),
      ...missing.map((arn) => el("li", { class: "problem" }, `not there: ${arn}`)),
    );
  };
  return { node: el("article", { class: "widget alarms" }, title, list), update };
}

function makeProblem() {
  const title = el("h3");
  const words = el("p", { class: "note" });
  const update = (widget) => {
    setText(title, widget.title || "Widget");
    setText(words, widget.problem);
  };
  return { node: el("article", { class: "widget" }, title, words), update };
}
