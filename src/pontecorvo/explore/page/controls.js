// Sliders and boxes for everything that is measured, and the forecasts' buttons.

import { el, label, significant } from "./dom.js";

const WIDEST = 4; // of the error's slider, times the study's error
const NARROWEST = 1 / 25;

export class Controls {
  // `changed(question)` is called after every move.
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    this.items = session.measured.map((measured) => new Item(measured, () => this.tell()));
    this.pressed = new Set();
    this.node = this.build();
  }

  build() {
    const buttons = this.session.forecasts.map((forecast) => {
      const button = el("button", { type: "button", class: "chip", "aria-pressed": "false", title: forecast.source }, forecast.title);
      button.addEventListener("click", () => this.press(forecast, button));
      return button;
    });
    this.buttons = buttons;
    return el("div", {},
      buttons.length ? el("div", { class: "forecasts", role: "group", "aria-label": "Forecasts: put their errors on what they will measure" },
        el("p", { class: "small" }, "Forecasts: their errors, at the centres below"), ...buttons) : null,
      ...this.items.map((item) => item.node),
      el("p", {}, el("button", { type: "button", id: "reset", onclick: () => this.reset() }, "Back to the study")),
      this.session.source ? el("p", { class: "small" }, `Measured: ${this.session.source}`) : null);
  }

  press(forecast, button) {
    const down = !this.pressed.has(forecast);
    if (down) this.pressed.add(forecast);
    else this.pressed.delete(forecast);
    button.setAttribute("aria-pressed", String(down));
    for (const item of this.items) {
      if (!(item.measured.name in forecast.errors)) continue;
      const errors = [...this.pressed].map((f) => f.errors[item.measured.name]).filter((e) => e !== undefined);
      item.error = errors.length ? Math.min(...errors) : item.measured.sigma;
      item.on = !item.measured.optional || errors.length > 0;
      item.show();
    }
    this.tell();
  }

  reset() {
    this.pressed.clear();
    for (const button of this.buttons) button.setAttribute("aria-pressed", "false");
    for (const item of this.items) item.reset();
    this.tell();
  }

  question() {
    const question = { values: {}, errors: {}, extra: [] };
    for (const item of this.items) {
      const { name, central, sigma, optional } = item.measured;
      if (!item.on) continue;
      if (optional) question.extra.push(name);
      if (item.centre !== central) question.values[name] = item.centre;
      if (item.error !== sigma) question.errors[name] = item.error;
    }
    return question;
  }

  tell() {
    this.changed(this.question());
  }
}

class Item {
  constructor(measured, moved) {
    this.measured = measured;
    this.moved = moved;
    this.build();
    this.reset();
  }

  reset() {
    this.centre = this.measured.central;
    this.error = this.measured.sigma;
    this.on = !this.measured.optional;
    this.show();
  }

  build() {
    const { measured } = this;
    const unit = measured.unit.map((piece) => piece.text).join("");
    const spoken = `${measured.name}${measured.description ? `, ${measured.description}` : ""}`;
    const [low, high] = measured.range;
    const box = (what) => el("input", { type: "number", step: "any", id: `${what}-${measured.name}`, "aria-label": `${spoken}: ${what}${unit ? `, in ${unit}` : ""}` });
    const slider = (what, ends) => el("input", { type: "range", min: ends[0], max: ends[1], step: (ends[1] - ends[0]) / 400, "aria-label": `${spoken}: ${what}, slider` });
    this.boxes = [box("value"), box("error")];
    this.sliders = [slider("value", [low, high]), slider("error", [Math.log(NARROWEST), Math.log(WIDEST)])];
    const [valueBox, errorBox] = this.boxes;
    const [valueSlider, errorSlider] = this.sliders;
    const factor = measured.factor;
    valueSlider.addEventListener("input", () => this.move(Number(valueSlider.value), this.error, valueSlider));
    errorSlider.addEventListener("input", () => this.move(this.centre, measured.sigma * Math.exp(Number(errorSlider.value)), errorSlider));
    valueBox.addEventListener("input", () => this.typed(valueBox, (v) => this.move(v / factor, this.error, valueBox)));
    errorBox.addEventListener("input", () => this.typed(errorBox, (v) => this.move(this.centre, Math.abs(v / factor), errorBox)));
    this.switch = measured.optional ? el("input", { type: "checkbox", id: `on-${measured.name}`, "aria-label": `${spoken}: is measured too` }) : null;
    if (this.switch) this.switch.addEventListener("change", () => { this.on = this.switch.checked; this.show(); this.moved(); });
    const unitNodes = measured.unit.length ? [" [", ...label(measured.unit), "]"] : [];
    this.node = el("fieldset", { class: "quantity" },
      el("legend", {}, this.switch, el("span", { class: "hidden" }, spoken), el("span", { "aria-hidden": "true", class: "symbol" }, ...label(measured.symbol), ...unitNodes)),
      el("span", { class: "what", "aria-hidden": "true" }, "value"), valueSlider, valueBox,
      el("span", { class: "what", "aria-hidden": "true" }, "1σ error"), errorSlider, errorBox);
  }

  typed(box, use) {
    const value = Number(box.value);
    const bad = box.value.trim() === "" || !Number.isFinite(value);
    box.setAttribute("aria-invalid", String(bad));
    if (!bad) use(value);
  }

  move(centre, error, by) {
    this.centre = centre;
    this.error = error;
    this.on = true;
    this.show(by);
    this.moved();
  }

  // Puts the numbers everywhere but where the user is typing.
  show(by) {
    const { measured } = this;
    const shown = [this.centre, this.error];
    const places = [this.centre, Math.log(this.error / measured.sigma)];
    this.boxes.forEach((box, k) => {
      if (box !== by) { box.value = Number((shown[k] * measured.factor).toPrecision(k ? 3 : 6)); box.setAttribute("aria-invalid", "false"); }
      if (this.sliders[k] !== by) this.sliders[k].value = places[k];
      this.sliders[k].setAttribute("aria-valuetext", significant(shown[k] * measured.factor));
    });
    if (this.switch) this.switch.checked = this.on;
    this.node.classList.toggle("off", !this.on);
    this.node.classList.toggle("moved", this.on && (measured.optional || this.centre !== measured.central || this.error !== measured.sigma));
  }
}
