// A metric widget: lines over time or numbers, drawn as SVG. Values under the pointer, the finger or the arrow keys.

import { clock, el, setText, span, svg } from "./dom.js";

const COLORS = 8;
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];
const PAD = { top: 8, right: 10, bottom: 20, left: 8 };
const CHARACTER = 6.2;
const UNITS = { Milliseconds: "ms", Microseconds: "µs", Seconds: "s", Percent: "%", Bytes: "B", "Count/Second": "/s", "Bytes/Second": "B/s" };
const BARE = new Set(["None", "Count", null, undefined]);

export function number(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)} M`;
  if (size >= 1e4) return `${trim(value / 1e3)} k`;
  return trim(value);
}

const trim = (value) => String(Number(value.toPrecision(Math.abs(value) >= 100 ? 4 : 3)));

export function quantity(value, unit) {
  if (unit === "Milliseconds" && Math.abs(value) >= 1000) return `${trim(value / 1000)} s`;
  const words = BARE.has(unit) ? "" : ` ${UNITS[unit] ?? unit}`;
  return number(value) + words;
}

// Round numbers that hold the values: [lowest, highest, step].
export function scaleOf(values, axis) {
  const low = axis.min ?? Math.min(0, ...values);
  let high = axis.max ?? Math.max(...values, low);
  if (!Number.isFinite(high) || high <= low) high = low + 1;
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => n >= rough - 1e-12);
  return { low: axis.min ?? Math.floor(low / step) * step, high: axis.max ?? Math.ceil(high / step - 1e-9) * step, step };
}

export class Chart {
  constructor() {
    this.title = el("h3");
    this.subtitle = el("p", { class: "subtitle" });
    this.plot = el("div", { class: "plot", tabindex: "0", role: "img" });
    this.legend = el("ul", { class: "legend" });
    this.node = el("article", { class: "widget metric" }, el("div", { class: "titles" }, this.title, this.subtitle), this.plot, this.legend);
    this.at = null;
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerdown", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => this.choose(null));
    this.plot.addEventListener("blur", () => this.choose(null));
    this.plot.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  show(widget, start, end, alarms) {
    this.widget = widget;
    Object.assign(this, { start, end });
    this.lines = [...widget.lines, ...thresholds(widget, alarms)];
    setText(this.title, widget.title);
    this.title.hidden = !widget.title;
    setText(this.subtitle, shared(widget.series));
    this.times = [...new Set(widget.series.flatMap((series) => series.points.map(([at]) => at)))].sort((a, b) => a - b);
    this.readings = widget.series.map((series) => new Map(series.points));
    const numbers = widget.view !== "timeSeries";
    this.node.classList.toggle("numbers", numbers);
    this.plot.hidden = numbers;
    if (!this.times.includes(this.at)) this.at = null;
    // Legend and values before the drawing, which takes the room that they leave.
    this.makeLegend();
    this.read();
    this.draw();
  }

  makeLegend() {
    this.values = this.widget.series.map(() => el("span", { class: "value" }));
    const entries = this.widget.series.map((series, place) => {
      const swatch = colored(el("span", { class: "swatch", "aria-hidden": "true" }), series, place);
      const title = `${series.what}, ${series.statistic} over ${span(series.period)}, ${series.region}`;
      return el("li", { title }, swatch, el("span", { class: "label" }, labelOf(series, this.widget.series)), this.values[place]);
    });
    this.legend.replaceChildren(...entries);
  }

  draw() {
    const { width, height } = this.plot.getBoundingClientRect();
    if (!this.widget || this.plot.hidden || width < 40 || height < 40) return;
    const values = this.widget.series.flatMap((series) => series.points.map(([, value]) => value));
    if (!values.length) {
      const problem = this.widget.series.find((series) => series.problem)?.problem;
      this.plot.replaceChildren(el("p", { class: problem ? "empty problem" : "empty" }, problem ?? "No data"));
      this.x = null;
      return;
    }
    const stacks = stacked(this.widget, this.times, this.readings);
    const sides = ["left", "right"].map((side) => this.side(side, stacks)).filter(Boolean);
    this.frame(width, height, sides);
    this.marker = svg("g", { class: "marker" });
    this.plot.replaceChildren(
      svg("svg", { width, height, "aria-hidden": "true" }, this.timeAxis(height), sides.flatMap((side) => this.valueAxis(side, width)), this.series(stacks, sides), this.annotations(sides, width), this.marker),
    );
    this.mark();
  }

  // One value axis: the series on it and their scale; null when nothing is on it.
  side(name, stacks) {
    const right = name === "right";
    const places = this.widget.series.flatMap((series, place) => (series.right === right && series.points.length ? [place] : []));
    const lines = this.lines.filter((line) => line.right === right).map((line) => line.value);
    if (!places.length) return null;
    const values = places.flatMap((place) => (stacks ? stacks[place].map(([, , top]) => top) : this.widget.series[place].points.map(([, value]) => value)));
    const units = [...new Set(places.map((place) => this.widget.series[place].unit))];
    const axis = this.widget.yAxis[name];
    const unit = axis.units && units.length === 1 ? units[0] : null;
    // Numbers that have no unit of their own are said to be counts, unless the dashboard names them.
    const label = axis.label === UNITS[unit] ? "" : axis.label || (units.every((one) => BARE.has(one)) ? "count" : "");
    return { right, places, unit, label, ...scaleOf([...values, ...lines], axis) };
  }

  frame(width, height, sides) {
    const room = (side) => Math.max(...ticks(side).map((value) => quantity(value, side.unit).length)) * CHARACTER + 8;
    const left = sides.find((side) => !side.right);
    const right = sides.find((side) => side.right);
    const labelled = sides.some((side) => side.label);
    this.area = { x0: PAD.left + (left ? room(left) : 0), x1: width - PAD.right - (right ? room(right) : 0), y0: PAD.top + (labelled ? 14 : 0), y1: height - PAD.bottom };
    this.x = (at) => this.area.x0 + ((this.area.x1 - this.area.x0) * (at - this.start)) / (this.end - this.start);
    for (const side of sides) side.y = (value) => this.area.y1 - ((this.area.y1 - this.area.y0) * (value - side.low)) / (side.high - side.low);
  }

  timeAxis(height) {
    const seconds = this.end - this.start;
    const most = Math.max(2, Math.floor((this.area.x1 - this.area.x0) / 70));
    const step = STEPS.find((candidate) => seconds / candidate <= most) ?? 86400;
    const offset = new Date(this.end * 1000).getTimezoneOffset() * 60;
    const marks = [];
    for (let at = Math.ceil((this.start - offset) / step) * step + offset; at <= this.end; at += step) {
      const x = this.x(at);
      marks.push(svg("line", { class: "grid", x1: x, x2: x, y1: this.area.y1, y2: this.area.y1 + 4 }));
      // No half words at the edges.
      if (x > 24 && x < this.area.x1 + PAD.right - 24) marks.push(svg("text", { class: "tick", x, y: height - 4, "text-anchor": "middle" }, clock(at, step < 60)));
    }
    return marks;
  }

  valueAxis(side, width) {
    const { x0, x1 } = this.area;
    const marks = ticks(side).flatMap((value) => {
      const y = side.y(value);
      const text = svg("text", { class: "tick", x: side.right ? x1 + 6 : x0 - 6, y: y + 4, "text-anchor": side.right ? "start" : "end" }, quantity(value, side.unit));
      return side.right ? [text] : [svg("line", { class: "grid", x1: x0, x2: x1, y1: y, y2: y }), text];
    });
    const label = side.label ? [svg("text", { class: "tick", x: side.right ? width - 4 : 4, y: 11, "text-anchor": side.right ? "end" : "start" }, side.label)] : [];
    return [...marks, ...label];
  }

  series(stacks, sides) {
    return sides.flatMap((side) => side.places.map((place) => (stacks ? this.area_(stacks[place], side, place) : this.line(side, place))));
  }

  line(side, place) {
    const series = this.widget.series[place];
    const dots = [];
    const path = runs(series).map((run) => {
      const points = run.map(([at, value]) => `${this.x(at).toFixed(1)},${side.y(value).toFixed(1)}`);
      if (run.length === 1 || series.points.length < 40) dots.push(...points.map((point) => point.split(",")));
      return `M${points.join("L")}`;
    });
    return colored(svg("g", {}, svg("path", { class: "line", d: path.join("") }), dots.map(([cx, cy]) => svg("circle", { class: "point", cx, cy, r: 2.2 }))), series, place);
  }

  area_(stack, side, place) {
    const series = this.widget.series[place];
    const shapes = runs({ ...series, points: stack }).map((run) => {
      // A lone value is as wide as its period.
      const wide = run.length === 1 ? [run[0], [run[0][0] + series.period, ...run[0].slice(1)]] : run;
      const tops = wide.map(([at, , top]) => `${this.x(at).toFixed(1)},${side.y(top).toFixed(1)}`);
      const bottoms = wide.map(([at, bottom]) => `${this.x(at).toFixed(1)},${side.y(bottom).toFixed(1)}`).reverse();
      return svg("path", { class: "area", d: `M${[...tops, ...bottoms].join("L")}Z` });
    });
    return colored(svg("g", {}, shapes), series, place);
  }

  annotations(sides, width) {
    const horizontal = this.lines.flatMap((line) => {
      const side = sides.find((candidate) => candidate.right === line.right);
      if (!side) return [];
      const y = side.y(line.value);
      return [tinted(svg("g", { class: "annotation" }, svg("line", { x1: this.area.x0, x2: this.area.x1, y1: y, y2: y }), svg("text", { x: this.area.x1 - 4, y: y > this.area.y0 + 14 ? y - 4 : y + 12, "text-anchor": "end" }, fitted(line.label, width - this.area.x0 - 20))), line.color)];
    });
    const vertical = this.widget.moments.flatMap((moment) => {
      const at = Date.parse(moment.at) / 1000;
      if (!(at >= this.start && at <= this.end)) return [];
      const x = this.x(at);
      return [tinted(svg("g", { class: "annotation" }, svg("line", { x1: x, x2: x, y1: this.area.y0, y2: this.area.y1 }), svg("text", { x: x + 4, y: this.area.y0 + 10 }, moment.label)), moment.color)];
    });
    return [...horizontal, ...vertical];
  }

  point(event) {
    if (!this.x || !this.times.length) return;
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    this.choose(this.times.reduce((best, at) => (Math.abs(this.x(at) - x) < Math.abs(this.x(best) - x) ? at : best)));
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key === "Escape") this.choose(null);
    if (!(event.key in moves) || !this.times.length) return;
    event.preventDefault();
    const last = this.times.length - 1;
    const place = this.at === null ? last + 1 : this.times.indexOf(this.at);
    this.choose(this.times[Math.max(0, Math.min(last, place + moves[event.key]))]);
  }

  choose(at) {
    this.at = at;
    this.read();
    this.mark();
  }

  // The values of the chosen time, else of each series' newest, in the legend and in the label.
  read() {
    const { at } = this;
    this.widget.series.forEach((series, place) => {
      const value = at === null ? series.points.at(-1)?.[1] : this.readings[place].get(at);
      setText(this.values[place], value === undefined ? "–" : quantity(value, series.unit));
    });
    const words = this.widget.series.map((series, place) => `${series.label} ${this.values[place].textContent}`).join("; ");
    this.plot.setAttribute("aria-label", `${this.widget.title || "Chart"}${at === null ? ", newest values" : ` at ${clock(at)}`}: ${words || "no data"}`);
  }

  mark() {
    const { at } = this;
    if (!this.x || !this.marker) return;
    const x = at === null ? 0 : Math.min(this.area.x1, Math.max(this.area.x0, this.x(at)));
    const right = x > (this.area.x0 + this.area.x1) / 2;
    this.marker.replaceChildren(
      ...(at === null ? [] : [svg("line", { x1: x, x2: x, y1: this.area.y0, y2: this.area.y1 }), svg("text", { x: x + (right ? -5 : 5), y: this.area.y0 + 10, "text-anchor": right ? "end" : "start" }, clock(at))]),
    );
  }
}

function ticks(side) {
  const found = [];
  for (let value = Math.ceil(side.low / side.step) * side.step; value <= side.high + side.step / 1e6; value += side.step) found.push(value);
  return found.length > 1 ? found : [side.low, side.high];
}

// The stretches of a series without a missing period.
function runs(series) {
  const found = [];
  for (const point of series.points) {
    const run = found.at(-1);
    if (run && point[0] - run.at(-1)[0] <= series.period * 1.5) run.push(point);
    else found.push([point]);
  }
  return found;
}

// Per series: time, bottom and top of its band; null where the widget does not stack.
function stacked(widget, times, readings) {
  if (!widget.stacked) return null;
  const heights = new Map();
  return widget.series.map((series, place) =>
    times.flatMap((at) => {
      if (!readings[place].has(at)) return [];
      const key = `${series.right} ${at}`;
      const bottom = heights.get(key) ?? 0;
      heights.set(key, bottom + readings[place].get(at));
      return [[at, bottom, heights.get(key)]];
    }),
  );
}

const single = (values) => (new Set(values).size === 1 ? values[0] : "");

// What all series have in common of how they are counted.
function shared(series) {
  const periods = series.map((one) => span(one.period));
  return [single(series.map((one) => one.statistic)), single(periods)].filter(Boolean).join(", ");
}

// With what tells a series from the others, where its label does not say it already.
function labelOf(series, all) {
  const period = span(series.period);
  const statistic = single(all.map((one) => one.statistic)) || series.label.toLowerCase().includes(series.statistic.toLowerCase()) ? "" : series.statistic;
  const how = [statistic, single(all.map((one) => span(one.period))) ? "" : period].filter(Boolean).join(", ");
  return how ? `${series.label} (${how})` : series.label;
}

function thresholds(widget, alarms) {
  return alarms
    .filter((alarm) => widget.alarms.includes(alarm.arn) && alarm.threshold !== null)
    .map((alarm) => ({ value: alarm.threshold, label: alarm.name, color: null, right: false }));
}

function colored(node, series, place) {
  node.classList.add(`c${place % COLORS}`);
  return tinted(node, series.color);
}

function tinted(node, color) {
  if (typeof color === "string") node.style.color = color;
  return node;
}

const fitted = (words, width) => (words.length * CHARACTER > width ? `${words.slice(0, Math.max(0, Math.floor(width / CHARACTER) - 1))}…` : words);
