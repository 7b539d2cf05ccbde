// One draw: picked by hand, shown in tables, saved as a file.

import { el, refuse, say, significant } from "./dom.js";
import { getJson } from "./api.js";
import { fromServer } from "./save.js";

export class Inspector {
  // `view()` gives {answer, weight, mask}; `picked(index)` marks a draw in the panels.
  constructor(session, view, picked) {
    this.session = session;
    this.view = view;
    this.picked = picked;
    this.index = null;
    this.answer = null;
    const number = el("input", { type: "number", id: "draw-number", min: 0, step: 1 });
    number.addEventListener("change", () => this.pick(Math.max(0, Math.round(Number(number.value)))));
    this.number = number;
    this.body = el("div", { class: "tables" });
    const save = (ending, title) => el("button", { type: "button", class: "save", disabled: true, onclick: () => this.save(ending) }, title);
    this.saves = [save("json", "JSON"), save("csv", "CSV"), ...session.files.map((file) => save(file.ending, file.title))];
    this.node = el("section", { id: "draw", "aria-labelledby": "draw-title" },
      el("h2", { id: "draw-title" }, "One draw"),
      el("p", { class: "small" }, "Pick a dot in a panel of two quantities, or one of these:"),
      el("p", { class: "row" },
        el("button", { type: "button", id: "likeliest", onclick: () => this.pick(null) }, "Most probable"),
        el("button", { type: "button", id: "random", onclick: () => this.random() }, "Random"),
        el("label", { for: "draw-number" }, "Number"), number,
        el("span", { class: "gap" }), el("span", { class: "small" }, "Save it:"), ...this.saves),
      this.body);
  }

  random() {
    const { weight, mask } = this.view();
    let total = 0;
    for (let i = 0; i < weight.length; i += 1) if (!mask || mask[i]) total += weight[i];
    let left = Math.random() * total;
    for (let i = 0; i < weight.length; i += 1) {
      if (mask && !mask[i]) continue;
      left -= weight[i];
      if (left <= 0) return this.pick(i);
    }
    return null;
  }

  async pick(index) {
    const { answer } = this.view();
    try {
      const found = await getJson("/api/draw", { answer, index });
      this.answer = answer;
      this.index = found.index;
      this.show(found);
      this.picked(found.index);
      refuse(null);
    } catch (error) {
      refuse(error.message);
    }
  }

  // The draw stays in its tables when the sliders move on, but is no draw of the new posterior.
  forget() {
    this.picked(null);
    this.body.classList.add("past");
  }

  show(found) {
    this.number.value = found.index;
    this.body.classList.remove("past");
    this.saves.forEach((button) => { button.disabled = false; });
    this.body.replaceChildren(
      el("p", { class: "small" }, `Draw ${found.index}: weight ${significant(found.weight, 3)} (mean ${significant(1 / this.view().weight.length, 3)}), log-likelihood ${significant(found.log_likelihood, 5)}`),
      ...found.tables.map((table) => el("figure", {},
        el("table", {},
          el("caption", {}, table.title),
          el("thead", {}, el("tr", {}, table.columns.map((head) => el("th", { scope: "col" }, head)))),
          el("tbody", {}, table.rows.map((row) => el("tr", {}, row.map((text, k) => (k ? el("td", {}, text) : el("th", { scope: "row" }, text))))))),
        table.note ? el("figcaption", {}, table.note) : null)));
    say(`draw ${found.index} is shown`);
  }

  save(ending) {
    fromServer({ answer: this.answer, index: this.index, format: ending }, `${this.session.title}-draw-${this.index}.${ending}`);
  }
}
