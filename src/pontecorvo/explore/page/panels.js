// Panels of one and of two quantities; brushing them selects draws in all others.

import { el, label, rounded, svg, withUnit } from "./dom.js";
import { Frame, SMALL, axisName, named } from "./plot.js";
import { binsFor, histogram, range, settled } from "./stats.js";
import { saveCsv, savePng, saveSvg } from "./save.js";

export class Panel {
  // `host` is the view: columns, rows, header, prior, mask, picked, selection; select(), pick(), drop().
  constructor(host, names) {
    this.host = host;
    this.names = names;
    this.columns = names.map((name) => host.columns.get(name));
    this.ends = names.map(() => null);
    this.picture = svg("svg", { class: "plot" });
    this.numbers = el("p", { class: "numbers" });
    this.build();
    this.brush();
  }

  get title() { return this.names.join(" and "); }

  build() {
    const [first] = this.columns;
    const heading = this.columns.length === 1
      ? el("h3", {}, el("span", { class: "hidden" }, axisName(first)), el("span", { "aria-hidden": "true" }, ...label(first.symbol)))
      : el("h3", {}, el("span", { class: "hidden" }, `${axisName(this.columns[1])}, against ${axisName(first)}`),
        el("span", { "aria-hidden": "true" }, ...label(this.columns[1].symbol), " and ", ...label(first.symbol)));
    this.bounds = this.columns.map((column) => ["from", "to"].map((word) => {
      const box = el("input", { type: "number", step: "any", "aria-label": `select ${column.name}: ${word}` });
      box.addEventListener("change", () => this.typed());
      return box;
    }));
    const file = `${this.host.session.title}-${this.names.join("-")}`;
    this.node = el("article", { class: this.columns.length === 1 ? "panel" : "panel pair" },
      el("header", {}, heading, this.numbers,
        el("button", { type: "button", class: "close", "aria-label": `Remove the panel of ${this.title}`, onclick: () => this.host.drop(this) }, "×")),
      this.picture,
      el("details", {}, el("summary", {}, "Select, save", el("span", { class: "hidden" }, `: ${this.title}`)),
        ...this.columns.map((column, k) => el("p", { class: "row" }, el("span", {}, ...label(withUnit(column))), this.bounds[k][0], el("span", {}, "to"), this.bounds[k][1])),
        el("p", { class: "row" },
          el("button", { type: "button", onclick: () => this.host.unselect(this.names) }, "Unselect"),
          el("button", { type: "button", onclick: () => saveSvg([this.picture], file) }, "SVG"),
          el("button", { type: "button", onclick: () => savePng([this.picture], file) }, "PNG"),
          el("button", { type: "button", onclick: () => saveCsv(this.table(), file) }, "CSV"))));
  }

  typed() {
    this.columns.forEach((column, k) => {
      const [low, high] = this.bounds[k].map((box) => (box.value.trim() === "" ? null : Number(box.value)));
      if (low === null && high === null) this.host.unselect([column.name]);
      else this.host.select({ [column.name]: [low ?? -Infinity, high ?? Infinity] });
    });
  }

  // Dragging selects; a click picks the nearest draw of a panel of two.
  brush() {
    let start = null;
    const place = (event) => {
      const box = this.picture.getBoundingClientRect();
      const scale = this.frame.width / box.width;
      return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    };
    this.picture.addEventListener("pointerdown", (event) => {
      if (!this.frame || event.button !== 0) return;
      start = place(event);
      if (event.pointerType === "mouse") this.picture.setPointerCapture(event.pointerId);
    });
    this.picture.addEventListener("pointermove", (event) => { if (start && event.pointerType === "mouse") this.rubber(start, place(event)); });
    this.picture.addEventListener("pointercancel", () => { start = null; });
    this.picture.addEventListener("pointerup", (event) => {
      if (!start) return;
      const [from, to] = [start, place(event)];
      start = null;
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 5) this.click(to);
      else this.dragged(from, to);
    });
  }

  rubber(from, to) {
    if (!this.box) { this.box = svg("rect", { fill: this.frame.ink.red, "fill-opacity": 0.15, stroke: this.frame.ink.red }); this.picture.append(this.box); }
    const tall = this.columns.length === 2;
    const set = (name, value) => this.box.setAttribute(name, value);
    set("x", Math.min(from[0], to[0]));
    set("width", Math.abs(from[0] - to[0]));
    set("y", tall ? Math.min(from[1], to[1]) : this.frame.edge.top);
    set("height", tall ? Math.abs(from[1] - to[1]) : this.frame.bottom - this.frame.edge.top);
  }

  dragged(from, to) {
    const wanted = {};
    wanted[this.names[0]] = [this.frame.valueX(Math.min(from[0], to[0])), this.frame.valueX(Math.max(from[0], to[0]))];
    if (this.columns.length === 2) {
      wanted[this.names[1]] = [this.frame.valueY(Math.max(from[1], to[1])), this.frame.valueY(Math.min(from[1], to[1]))];
    }
    this.host.select(wanted);
  }

  click([x, y]) {
    if (this.columns.length === 1) return this.host.unselect(this.names);
    const { rows, header } = this.host;
    let best = null;
    let closest = 14;
    for (const i of header.dots) {
      const px = this.frame.px(this.frame.at(this.columns[0], rows[this.names[0]][i]));
      const py = this.frame.py(this.frame.at(this.columns[1], rows[this.names[1]][i]));
      const distance = Math.hypot(px - x, py - y);
      if (distance < closest) { closest = distance; best = i; }
    }
    if (best !== null) this.host.pick(best);
    return null;
  }

  draw() {
    const { rows } = this.host;
    this.box = null;
    this.ends = this.names.map((name, k) => settled(this.ends[k], range(rows[name], rows.weight, this.columns[k])));
    const axes = this.columns.map((column, k) => ({ column, ends: this.ends[k] }));
    const small = this.picture.clientWidth > 0 && this.picture.clientWidth < 420;
    this.frame = new Frame(this.picture, axes[0], axes[1] || null, axes.length === 2 && small ? SMALL : undefined);
    if (axes.length === 1) this.drawOne();
    else this.drawTwo();
    this.names.forEach((name, k) => {
      const limits = this.host.selection[name];
      this.bounds[k].forEach((box, side) => {
        if (document.activeElement !== box) box.value = limits && Number.isFinite(limits[side]) ? Number(limits[side].toPrecision(4)) : "";
      });
    });
  }

  drawOne() {
    const { rows, header, prior, mask, picked, selection } = this.host;
    const { frame } = this;
    const [name] = this.names;
    const [column] = this.columns;
    const bins = column.period ? Math.min(36, binsFor(header.ess)) : binsFor(header.ess);
    const here = histogram(rows[name], rows.weight, this.ends[0], bins, column.log);
    const before = prior && histogram(prior[name], null, this.ends[0], bins, column.log);
    const chosen = mask && histogram(rows[name], rows.weight, this.ends[0], bins, column.log, mask);
    const top = 1.05 * Math.max(...here.height, ...(chosen ? chosen.height : [0]), before && before.inside > 0 ? Math.min(Math.max(...before.height), 2 * Math.max(...here.height)) : 0);
    const found = header.intervals[name] && header.intervals[name].quantiles;
    if (found && !column.period) {
      const at = found.map((value) => frame.at(column, value));
      frame.band(at[1], at[2], { fill: frame.ink.blue, "fill-opacity": 0.07 });
    }
    if (before && before.inside > 0) frame.steps(before.height, top, { fill: "none", stroke: frame.ink.prior, "stroke-width": 1.4, "stroke-dasharray": "4 3" });
    frame.steps(here.height, top, { fill: frame.ink.blue, "fill-opacity": mask ? 0.1 : 0.25 }, true);
    frame.steps(here.height, top, { fill: "none", stroke: frame.ink.blue, "stroke-width": 1.6, "stroke-opacity": mask ? 0.5 : 1 });
    if (chosen && chosen.inside > 0) {
      frame.steps(chosen.height, top, { fill: frame.ink.red, "fill-opacity": 0.2 }, true);
      frame.steps(chosen.height, top, { fill: "none", stroke: frame.ink.red, "stroke-width": 1.6 });
    }
    if (selection[name]) {
      const [low, high] = selection[name].map((v, k) => (Number.isFinite(v) ? frame.at(column, v) : this.ends[0][k]));
      frame.band(low, high, { fill: frame.ink.red, "fill-opacity": 0.1, "data-hint": "selection" });
    }
    if (picked !== null && rows[name][picked] !== undefined) frame.upright(frame.at(column, rows[name][picked]), { stroke: frame.ink.green, "stroke-width": 2 });
    frame.axes();
    this.before = before;
    this.say(header.intervals[name], column);
  }

  say(interval, column) {
    const share = this.before ? `${(100 * this.before.inside).toPrecision(2)} % of the prior lies in view` : "";
    if (!interval || !interval.quantiles) { this.numbers.replaceChildren("no finite value"); return; }
    const [middle, low, high] = interval.quantiles;
    const width = Math.min(high - middle, middle - low);
    const unit = column.unit.length ? [" ", ...label(column.unit)] : [];
    let spoken = "";
    if (column.period) {
      spoken = interval.length < 0.5 ? `no direction, R = ${interval.length.toFixed(2)}` : `mean ${rounded(interval.mean, 10)}, R = ${interval.length.toFixed(2)}`;
      this.numbers.replaceChildren(spoken);
    } else {
      spoken = `median ${rounded(middle, width)}, 68 % from ${rounded(low, width)} to ${rounded(high, width)}`;
      const up = el("sup", {}, `+${rounded(high - middle, width)}`);
      const down = el("sub", {}, `−${rounded(middle - low, width)}`);
      this.numbers.replaceChildren(el("span", { class: "hidden" }, spoken),
        el("span", { "aria-hidden": "true" }, rounded(middle, width), el("span", { class: "both" }, up, down), ...unit));
    }
    named(this.picture, `Posterior of ${axisName(column)}: ${spoken}. ${share}`);
    this.picture.append(svg("title", {}, share));
  }

  drawTwo() {
    const { rows, header, mask, picked } = this.host;
    const { frame } = this;
    const [xs, ys] = this.names.map((name) => rows[name]);
    const own = header.regions.find((r) => r.pair[0] === this.names[0] && r.pair[1] === this.names[1]);
    (own ? own.levels : []).forEach((region, k) => frame.polygons(region.polygons, {
      fill: frame.ink.blue, "fill-opacity": k ? 0.28 : 0.16, stroke: frame.ink.blue, "stroke-width": 1,
    }));
    frame.dots(xs, ys, header.dots, { stroke: frame.ink.ink, "stroke-width": 2, "stroke-opacity": mask ? 0.12 : 0.28 });
    if (mask) frame.dots(xs, ys, header.dots.filter((i) => mask[i]), { stroke: frame.ink.red, "stroke-width": 3, "stroke-opacity": 0.75 });
    if (picked !== null && xs[picked] !== undefined) {
      frame.node.append(svg("circle", { cx: frame.px(frame.at(this.columns[0], xs[picked])), cy: frame.py(frame.at(this.columns[1], ys[picked])), r: 6, fill: "none", stroke: frame.ink.green, "stroke-width": 3 }));
    }
    frame.axes();
    this.numbers.replaceChildren("68 and 95 %");
    named(this.picture, `Regions of 68 and 95 % of ${axisName(this.columns[1])} against ${axisName(this.columns[0])}`);
  }

  // The data behind the picture, draw by draw.
  table() {
    const { rows, mask } = this.host;
    const head = [...this.columns.map((c) => `${c.name} [${c.unit.map((p) => p.text).join("") || "1"}]`), "weight", "selected"];
    const body = Array.from(rows.weight, (w, i) => [...this.names.map((name) => rows[name][i]), w, mask ? Number(mask[i]) : 1]);
    return [head, ...body];
  }
}
