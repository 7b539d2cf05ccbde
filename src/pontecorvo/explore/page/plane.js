// The page of a plane: parts that are switched on and off, and the regions that they allow.

import { el, refuse, say, svg } from "./dom.js";
import { Newest, Superseded, getJson } from "./api.js";
import { Frame, axisName, named } from "./plot.js";
import { fromServer, saveCsv, savePng, saveSvg } from "./save.js";

const DASHES = ["", "6 4", "2 3"];
const LEVELS = [0.68, 0.9, 0.95];

export class Plane {
  constructor(session) {
    this.session = session;
    this.desk = new Newest((question) => this.work(question));
    this.axes = session.axes.map((axis) => ({ column: { ...axis, log: true, period: null, description: "" }, ends: axis.range }));
    this.study = null;
    this.build();
  }

  build() {
    const { session } = this;
    const ask = () => this.ask();
    const check = (name, kind, title, on, note) => {
      const id = `${kind}-${name}`;
      return el("p", { class: "check" }, el("input", { type: "checkbox", id, value: name, checked: on, "data-kind": kind, onchange: ask }), el("label", { for: id, title: note }, title));
    };
    const groups = new Map();
    for (const part of session.parts) groups.set(part.group, [...(groups.get(part.group) || []), part]);
    const set = (parts, on) => { for (const part of parts) document.getElementById(`part-${part.name}`).checked = on; this.ask(); };
    const list = [...groups].map(([group, parts]) => el("fieldset", {},
      el("legend", {}, group),
      el("p", { class: "row small" },
        el("button", { type: "button", "aria-label": `All of ${group} on`, onclick: () => set(parts, true) }, "all"),
        el("button", { type: "button", "aria-label": `All of ${group} off`, onclick: () => set(parts, false) }, "none"),
        el("button", { type: "button", "aria-label": `Only ${group}`, onclick: () => { for (const part of session.parts) document.getElementById(`part-${part.name}`).checked = false; set(parts, true); } }, "only")),
      ...parts.map((part) => check(part.name, "part", part.title, part.on, part.note))));
    this.picture = svg("svg", { class: "plot large" });
    this.numbers = el("dl", { id: "quality", "aria-label": "What the fit says" });
    this.commands = el("div", { id: "commands" });
    const narrow = window.matchMedia("(max-width: 820px)").matches;
    const file = session.title;
    this.node = el("div", { class: "frame" },
      el("details", { id: "controls", open: !narrow }, el("summary", {}, el("h2", {}, "Experiments")), ...list),
      el("div", { class: "view" },
        el("section", { "aria-labelledby": "quality-title" }, el("h2", { id: "quality-title", class: "hidden" }, "Fit"), this.numbers),
        el("section", { id: "panels", "aria-labelledby": "panels-title", tabindex: "-1" },
          el("h2", { id: "panels-title" }, "Allowed regions"),
          el("div", { class: "row" },
            el("fieldset", { class: "row" }, el("legend", {}, "Method"), ...session.methods.map((m) => check(m.name, "method", m.title, true))),
            el("fieldset", { class: "row" }, el("legend", {}, "Level"), ...LEVELS.map((level) => check(String(level), "level", `${100 * level} %`, session.levels.includes(level))))),
          el("article", { class: "panel wide" }, this.picture, this.legend())),
        el("section", { id: "files", "aria-labelledby": "files-title" },
          el("h2", { id: "files-title" }, "Take this view along"),
          el("p", { class: "row" },
            el("button", { type: "button", id: "save-yaml", onclick: () => fromServer({ on: this.question().on, format: "yaml" }, `${file}-study.yaml`) }, "Study file (YAML)"),
            el("button", { type: "button", id: "save-csv", onclick: () => saveCsv(this.table(), file) }, "Contours (CSV)"),
            el("button", { type: "button", id: "save-svg", onclick: () => saveSvg([this.picture], file) }, "Figure (SVG)"),
            el("button", { type: "button", id: "save-png", onclick: () => savePng([this.picture], file) }, "Figure (PNG)")),
          ...session.notes.map((note) => el("p", { class: "small" }, note)), this.commands)));
  }

  legend() {
    const keys = this.session.methods.map((m, k) => el("span", { class: `key method${k}` }, m.title));
    return el("p", { class: "legend" }, ...keys, el("span", { class: "key prior" }, "as the study has it"), el("span", { class: "key star" }, "best fit"));
  }

  checked(kind) {
    return [...this.node.querySelectorAll(`input[data-kind="${kind}"]:checked`)].map((box) => box.value);
  }

  question() {
    return { on: this.checked("part"), methods: this.checked("method"), levels: this.checked("level").map(Number) };
  }

  begin() {
    this.ask();
  }

  ask() {
    this.desk.ask(this.question());
  }

  async work(question) {
    try {
      const began = performance.now();
      const found = await getJson("/api/answer", question);
      const seconds = (performance.now() - began) / 1000;
      this.found = found;
      this.study = this.study || found;
      refuse(null);
      this.draw();
      this.numbers.replaceChildren(...found.numbers.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
      this.commands.replaceChildren(...found.commands.map((command) => el("code", { tabindex: "0", "aria-label": "command" }, command)));
      document.body.dataset.answer = Number(document.body.dataset.answer || 0) + 1;
      say(`answered in ${seconds.toFixed(2)} seconds; ${found.numbers.map(([n, v]) => `${n} ${v}`).join(", ")}`);
    } catch (error) {
      if (error instanceof Superseded) return;
      refuse(error.message);
      document.body.dataset.refused = String(Number(document.body.dataset.refused || 0) + 1);
    }
  }

  draw() {
    const frame = new Frame(this.picture, this.axes[0], this.axes[1], [680, 560]);
    const { ink } = frame;
    const colours = [ink.blue, ink.red, ink.green];
    for (const line of this.study.lines) frame.line(line.points, { stroke: ink.prior, "stroke-width": 1.2, "stroke-dasharray": "4 3" });
    const order = this.session.methods.map((m) => m.name);
    const levels = [...new Set(this.found.lines.map((line) => line.level))].sort().reverse();
    for (const line of this.found.lines) {
      frame.line(line.points, { stroke: colours[order.indexOf(line.method)] || ink.ink, "stroke-width": 2, "stroke-dasharray": DASHES[levels.indexOf(line.level)] || null });
    }
    if (this.found.best) {
      frame.node.append(svg("text", { x: frame.px(this.found.best[0]), y: frame.py(this.found.best[1]) + 8, "text-anchor": "middle", "font-size": 24, fill: ink.ink }, "★"));
    }
    frame.axes();
    const text = this.found.numbers.map(([n, v]) => `${n} ${v}`).join(", ");
    named(this.picture, `Allowed regions of ${axisName(this.axes[1].column)} against ${axisName(this.axes[0].column)}: ${text}`);
  }

  table() {
    const head = ["method", "level", "piece", ...this.session.axes.map((axis) => `log10 ${axis.name}`)];
    const body = this.found.lines.flatMap((line, piece) => {
      const rows = [];
      for (let i = 0; i < line.points.length; i += 2) rows.push([line.method, line.level, piece, line.points[i], line.points[i + 1]]);
      return rows;
    });
    return [head, ...body];
  }
}
