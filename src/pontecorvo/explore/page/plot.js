// Pictures as SVG with plain attributes, so that a saved file looks as the page does.

import { FONT, colours, plainName, svg, svgLabel, withUnit } from "./dom.js";
import { ticks } from "./stats.js";

export const ONE = [270, 190];
export const TWO = [560, 320];
export const SMALL = [340, 280];
const EDGE = { left: 12, right: 12, top: 8, bottom: 42 };

export class Frame {
  // A frame with one or two axes. `axes`: {column, ends} for x, and for y or null.
  constructor(node, x, y, size = y ? TWO : ONE) {
    this.node = node;
    this.x = x;
    this.y = y;
    [this.width, this.height] = size;
    this.edge = { ...EDGE, left: y ? 58 : EDGE.left };
    this.ink = colours();
    node.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    node.setAttribute("font-family", FONT);
    node.replaceChildren();
    this.right = this.width - this.edge.right;
    this.bottom = this.height - this.edge.bottom;
  }

  px(value) {
    const [low, high] = this.x.ends;
    return this.edge.left + ((value - low) / (high - low)) * (this.right - this.edge.left);
  }

  py(value) {
    const [low, high] = this.y.ends;
    return this.bottom - ((value - low) / (high - low)) * (this.bottom - this.edge.top);
  }

  // Place on an axis of what a column holds, and back.
  at(column, value) {
    return column.log ? Math.log10(value) : value;
  }

  valueX(pixel) {
    const [low, high] = this.x.ends;
    const place = low + ((pixel - this.edge.left) / (this.right - this.edge.left)) * (high - low);
    return this.x.column.log ? 10 ** place : place;
  }

  valueY(pixel) {
    const [low, high] = this.y.ends;
    const place = low + ((this.bottom - pixel) / (this.bottom - this.edge.top)) * (high - low);
    return this.y.column.log ? 10 ** place : place;
  }

  axes() {
    const { ink, node } = this;
    for (const [at, text] of ticks(this.x.ends, this.x.column.log, this.x.column.period, 5)) {
      const x = this.px(at);
      node.append(svg("line", { x1: x, x2: x, y1: this.bottom, y2: this.bottom + 5, stroke: ink.quiet }));
      node.append(svg("text", { x, y: this.bottom + 17, "text-anchor": "middle", "font-size": 11.5, fill: ink.ink }, text));
    }
    node.append(svgLabel(withUnit(this.x.column), (this.edge.left + this.right) / 2, this.bottom + 36, 14, ink.ink));
    if (this.y) {
      for (const [at, text] of ticks(this.y.ends, this.y.column.log, this.y.column.period, 5)) {
        const y = this.py(at);
        node.append(svg("line", { x1: this.edge.left - 5, x2: this.edge.left, y1: y, y2: y, stroke: ink.quiet }));
        node.append(svg("text", { x: this.edge.left - 8, y: y + 4, "text-anchor": "end", "font-size": 11.5, fill: ink.ink }, text));
      }
      const name = svgLabel(withUnit(this.y.column), 0, 0, 14, ink.ink);
      name.setAttribute("transform", `translate(16 ${(this.edge.top + this.bottom) / 2}) rotate(-90)`);
      node.append(name);
      node.append(svg("rect", {
        x: this.edge.left, y: this.edge.top, width: this.right - this.edge.left,
        height: this.bottom - this.edge.top, fill: "none", stroke: ink.quiet,
      }));
    } else {
      node.append(svg("line", { x1: this.edge.left, x2: this.right, y1: this.bottom, y2: this.bottom, stroke: ink.quiet }));
    }
  }

  // A histogram as steps; `top` is the largest height that fits.
  steps(height, top, style, closed) {
    const step = (this.right - this.edge.left) / height.length;
    const y = (h) => this.bottom - (Math.min(h, top) / top) * (this.bottom - this.edge.top - 4);
    let path = `M${this.edge.left} ${this.bottom}`;
    height.forEach((h, k) => {
      const left = this.edge.left + k * step;
      path += `L${left.toFixed(1)} ${y(h).toFixed(1)}L${(left + step).toFixed(1)} ${y(h).toFixed(1)}`;
    });
    path += `L${this.right} ${this.bottom}${closed ? "Z" : ""}`;
    this.node.append(svg("path", { d: path, "stroke-linejoin": "round", ...style }));
  }

  band(low, high, style) {
    const [a, b] = [this.px(low), this.px(high)].map((p) => Math.min(this.right, Math.max(this.edge.left, p)));
    if (b > a) this.node.append(svg("rect", { x: a, width: b - a, y: this.edge.top, height: this.bottom - this.edge.top, ...style }));
  }

  upright(value, style) {
    const x = this.px(value);
    if (x < this.edge.left || x > this.right) return;
    this.node.append(svg("line", { x1: x, x2: x, y1: this.edge.top, y2: this.bottom, ...style }));
  }

  polygons(polygons, style) {
    const clip = (x, y) => [
      Math.min(this.right, Math.max(this.edge.left, this.px(x))),
      Math.min(this.bottom, Math.max(this.edge.top, this.py(y))),
    ];
    let path = "";
    for (const rings of polygons) {
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const [x, y] = clip(ring[i], ring[i + 1]);
          path += `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
        }
        path += "Z";
      }
    }
    if (path) this.node.append(svg("path", { d: path, "fill-rule": "evenodd", "stroke-linejoin": "round", ...style }));
  }

  line(points, style) {
    let path = "";
    for (let i = 0; i < points.length; i += 2) {
      path += `${i ? "L" : "M"}${this.px(points[i]).toFixed(1)} ${this.py(points[i + 1]).toFixed(1)}`;
    }
    this.node.append(svg("path", { d: path, fill: "none", "stroke-linejoin": "round", ...style }));
  }

  // Dots of many draws as one path of points with round caps.
  dots(xs, ys, chosen, style) {
    let path = "";
    for (const i of chosen) {
      const x = this.px(this.at(this.x.column, xs[i]));
      const y = this.py(this.at(this.y.column, ys[i]));
      if (x >= this.edge.left && x <= this.right && y >= this.edge.top && y <= this.bottom) {
        path += `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
      }
    }
    if (path) this.node.append(svg("path", { d: path, fill: "none", "stroke-linecap": "round", ...style }));
  }
}

// The described name of a picture, for screen readers.
export function named(node, text) {
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", text);
}

export function axisName(column) {
  return column.description ? `${plainName(column)}, ${column.description}` : plainName(column);
}
