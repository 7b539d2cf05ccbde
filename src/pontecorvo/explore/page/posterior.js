// The page of posteriors: what is measured, how good the answer is, the panels, one draw, files.

import { el, label, refuse, rounded, say, significant } from "./dom.js";
import { Newest, Superseded, getJson, getRows } from "./api.js";
import { Controls } from "./controls.js";
import { Inspector } from "./inspector.js";
import { Panel } from "./panels.js";
import { fromServer, savePng, saveSvg } from "./save.js";
import { essOf } from "./stats.js";

export class Posterior {
  constructor(session) {
    this.session = session;
    this.columns = new Map(session.columns.map((column) => [column.name, column]));
    this.selection = {};
    this.mask = null;
    this.picked = null;
    this.prior = null;
    this.waiting = 0;
    this.desk = new Newest((question, newer) => this.work(question, newer));
    this.controls = session.measured.length ? new Controls(session, () => this.ask()) : null;
    this.inspector = new Inspector(session, () => ({ answer: this.header.answer, weight: this.rows.weight, mask: this.mask }), (index) => { this.picked = index; this.draw(); });
    this.panels = [...session.panels.map((name) => [name]), ...session.pairs].map((names) => new Panel(this, names));
    this.build();
  }

  build() {
    this.tiles = el("dl", { id: "quality", "aria-label": "How far this answer can be trusted" });
    this.chosen = el("p", { id: "chosen", hidden: true });
    this.grid = el("div", { class: "grid" });
    this.command = el("code", { id: "command", tabindex: "0", "aria-label": "the command that gives the same numbers" });
    const narrow = window.matchMedia("(max-width: 820px)").matches;
    const side = this.controls ? el("details", { id: "controls", open: !narrow },
      el("summary", {}, el("h2", {}, "What is measured")), this.controls.node) : null;
    this.node = el("div", { class: this.controls ? "frame" : "frame alone" }, side,
      el("div", { class: "view" },
        el("section", { "aria-labelledby": "quality-title" }, el("h2", { id: "quality-title", class: "hidden" }, "Quality"), this.tiles),
        el("section", { id: "panels", "aria-labelledby": "panels-title", tabindex: "-1" },
          el("div", { class: "row" }, el("h2", { id: "panels-title" }, "Posterior"), this.legend(), el("span", { class: "gap" }), ...this.adders()),
          this.chosen, this.grid),
        this.inspector.node,
        el("section", { id: "files", "aria-labelledby": "files-title" },
          el("h2", { id: "files-title" }, "Take this view along"),
          el("p", { class: "row" },
            el("button", { type: "button", id: "save-yaml", onclick: () => this.file("yaml", "study.yaml") }, "Study file (YAML)"),
            el("button", { type: "button", id: "save-draws", onclick: () => this.file("draws", "draws.csv") }, "All draws (CSV)"),
            el("button", { type: "button", id: "save-svg", onclick: () => saveSvg(this.pictures(), this.session.title) }, "Figure (SVG)"),
            el("button", { type: "button", id: "save-png", onclick: () => savePng(this.pictures(), this.session.title) }, "Figure (PNG)")),
          el("p", { class: "small" }, "The same numbers, to Monte-Carlo error, in a terminal:"), this.command)));
    this.fillGrid();
  }

  legend() {
    const key = (kind, text) => el("span", { class: `key ${kind}` }, text);
    return el("p", { class: "legend" }, key("posterior", "posterior"), key("prior", "prior, same area in view"), key("selected", "selected draws"));
  }

  adders() {
    const options = () => [...this.columns.values()].map((c) => el("option", { value: c.name }, c.name));
    const first = el("select", { id: "add-first", "aria-label": "Quantity of a new panel" }, el("option", { value: "" }, "Add a panel…"), ...options());
    const second = el("select", { id: "add-second", "aria-label": "Second quantity of a new panel, or none" }, el("option", { value: "" }, "(alone)"), ...options());
    const add = el("button", { type: "button", id: "add", onclick: () => {
      if (!first.value) return;
      this.panels.push(new Panel(this, second.value && second.value !== first.value ? [first.value, second.value] : [first.value]));
      this.fillGrid();
      if (second.value) this.ask();
      else this.draw();
    } }, "Add");
    return [first, second, add];
  }

  fillGrid() {
    this.grid.replaceChildren(...this.panels.map((panel) => panel.node));
  }

  drop(panel) {
    this.panels = this.panels.filter((other) => other !== panel);
    this.fillGrid();
    document.getElementById("panels").focus();
  }

  pictures() {
    return this.panels.map((panel) => panel.picture);
  }

  async begin() {
    this.ask();
    try {
      this.prior = (await getRows("/api/prior")).rows;
      if (this.rows) this.draw();
    } catch (error) {
      refuse(error.message);
    }
  }

  question() {
    const moved = this.controls ? this.controls.question() : { values: {}, errors: {}, extra: [] };
    return { ...moved, pairs: this.panels.filter((p) => p.names.length === 2).map((p) => p.names).slice(0, 4) };
  }

  ask() {
    this.desk.ask(this.question());
  }

  async work(question, newer) {
    const began = performance.now();
    try {
      const { header, rows } = await getRows("/api/answer", question);
      const moved = this.header && this.header.answer !== header.answer;
      Object.assign(this, { header, rows });
      if (moved && this.picked !== null) { this.picked = null; this.inspector.body.classList.add("past"); }
      refuse(null);
      this.choose();
      this.draw();
      this.seconds = (performance.now() - began) / 1000;
      this.showQuality();
      document.body.dataset.answer = header.answer;
    } catch (error) {
      if (error instanceof Superseded) return;
      refuse(error.message);
      document.body.dataset.refused = String(Number(document.body.dataset.refused || 0) + 1);
      return;
    }
    if (this.header.better && !newer()) this.improve(question);
  }

  // The network draws more, or anew, while nobody asks; then the same question is asked again.
  async improve(question) {
    if (this.improving) return;
    this.improving = true;
    try {
      const { stopped } = await getJson("/api/improve", question);
      if (stopped) await new Promise((done) => { setTimeout(done, 300); });
    } catch (error) {
      this.improving = false;
      if (!(error instanceof Superseded)) refuse(error.message);
      return;
    }
    this.improving = false;
    if (!this.desk.busy) this.ask();
  }

  showQuality() {
    const { header, session } = this;
    const share = header.ess / header.proposals;
    const tile = (title, value, note, state) => el("div", { class: state || "" }, el("dt", {}, title), el("dd", {}, value, note ? el("small", {}, note) : null));
    const percent = (x) => (x === null || x === undefined ? "–" : `${(100 * x).toPrecision(3)} %`);
    const standing = session.standing;
    const certified = standing ? { true: "certified", false: "not certified", null: "no certificate" }[String(standing.certified)] : "no network";
    const k = header.k_hat;
    this.tiles.replaceChildren(
      tile("Effective draws", `${Math.round(header.ess).toLocaleString("en")}`, `${percent(share)} of ${header.proposals.toLocaleString("en")}, ${header.origin}${header.better ? "; more to come" : ""}`, header.ess >= 200 ? "good" : "bad"),
      tile("k-hat", k === null ? "–" : rounded(k, 0.05), `of the weights' tail; limit ${header.k_limit.toFixed(2)}`, k === null || k <= header.k_limit ? "good" : "bad"),
      tile("Closure", percent(header.closure.within_three_sigma), `weighted, in all 3σ; log L again within ${significant(header.closure.max_log_likelihood_change, 1)}`, "good"),
      tile("Raw acceptance", percent(header.raw_acceptance), "of the draws as they came"),
      tile("Network", certified, standing ? standing.line.replace(/^(NOT )?certified: /, "") : session.about, standing && standing.certified === false ? "bad" : standing && standing.certified ? "good" : ""),
      tile("Log-evidence", header.log_evidence === null ? "–" : rounded(header.log_evidence, header.log_evidence_error || 0.01), header.log_evidence_error === null ? "" : `± ${significant(header.log_evidence_error, 2)}, natural log`));
    this.tiles.classList.toggle("untrusted", !header.trusted);
    this.command.textContent = header.command;
    say(`answered in ${this.seconds.toFixed(2)} seconds, ${Math.round(header.ess)} effective draws`);
  }

  select(wanted) {
    Object.assign(this.selection, wanted);
    this.choose();
    this.draw();
  }

  unselect(names) {
    for (const name of names) delete this.selection[name];
    this.choose();
    this.draw();
  }

  // Marks the draws that lie in every selected range.
  choose() {
    const names = Object.keys(this.selection);
    this.mask = null;
    this.chosen.hidden = names.length === 0;
    if (!names.length) return;
    this.mask = new Uint8Array(this.rows.weight.length).fill(1);
    for (const name of names) {
      const [low, high] = this.selection[name];
      const values = this.rows[name];
      for (let i = 0; i < values.length; i += 1) if (!(values[i] >= low && values[i] <= high)) this.mask[i] = 0;
    }
    const { share, ess } = essOf(this.rows.weight, this.mask);
    const parts = names.flatMap((name, k) => {
      const column = this.columns.get(name);
      const [low, high] = this.selection[name].map((v) => (Number.isFinite(v) ? significant(v, 3) : "any"));
      return [k ? ", " : "", ...label(column.symbol), ` ${low} to ${high}`, ...(column.unit.length ? [" ", ...label(column.unit)] : [])];
    });
    this.chosen.replaceChildren("Selected: ", ...parts, ` – ${(100 * share).toPrecision(3)} % of the posterior, ${Math.round(ess)} effective draws `,
      el("button", { type: "button", id: "unselect", onclick: () => this.unselect(Object.keys(this.selection)) }, "Clear"));
    say(`${(100 * share).toPrecision(3)} percent of the posterior is selected`);
  }

  pick(index) {
    this.inspector.pick(index);
  }

  draw() {
    if (!this.rows) return;
    for (const panel of this.panels) panel.draw();
  }

  file(format, ending) {
    fromServer({ answer: this.header.answer, format }, `${this.session.title}-${ending}`);
  }
}
