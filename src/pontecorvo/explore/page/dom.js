// Nodes and numbers. Everything that a server or a user wrote becomes a text node or an attribute,
// never markup, so that no name or source can inject anything.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "xml:space") node.setAttributeNS("http://www.w3.org/XML/1998/namespace", name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Text and formulas (outlines that the server made) as nodes for a line of HTML.
export function label(pieces) {
  return pieces.map((piece) => {
    if (!piece.path) return document.createTextNode(piece.text);
    const shape = svg("svg", { class: "math", viewBox: piece.box, "aria-hidden": "true", focusable: "false" },
      svg("path", { d: piece.path, fill: "currentColor" }));
    shape.style.width = `${piece.width}em`;
    shape.style.height = `${piece.height}em`;
    shape.style.verticalAlign = `${-piece.below}em`;
    return shape;
  });
}

// The same inside an SVG, centred at x on the baseline y; returns a group.
export function svgLabel(pieces, x, y, size, colour) {
  const parts = pieces.map((piece) => ({ piece, width: piece.path ? piece.width * size : textWidth(piece.text, size) }));
  const total = parts.reduce((sum, part) => sum + part.width, 0);
  const group = svg("g", { fill: colour });
  let left = x - total / 2;
  for (const { piece, width } of parts) {
    if (piece.path) {
      const [, top, boxWidth] = piece.box.split(" ").map(Number);
      const scale = width / boxWidth;
      const base = y + piece.below * size - piece.height * size - top * scale;
      group.append(svg("path", { d: piece.path, transform: `translate(${left} ${base}) scale(${scale})` }));
    } else {
      group.append(svg("text", { x: left, y, "font-size": size, fill: colour, "xml:space": "preserve" }, piece.text));
    }
    left += width;
  }
  return group;
}

let ruler = null;
function textWidth(text, size) {
  ruler = ruler || document.createElement("canvas").getContext("2d");
  ruler.font = `${size}px ${FONT}`;
  return ruler.measureText(text).width;
}

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

export function withUnit(column) {
  return column.unit.length ? [...column.symbol, { text: " [" }, ...column.unit, { text: "]" }] : column.symbol;
}

export function plainName(column) {
  const unit = column.unit.map((piece) => piece.text).join("");
  return unit ? `${column.name} [${unit}]` : column.name;
}

// A number with as many digits as its uncertainty wants.
export function rounded(value, width) {
  if (value === null || !Number.isFinite(value)) return "–";
  const digits = width > 0 ? Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(width)))) : 3;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return power(value);
  return value.toFixed(digits).replace("-", "−");
}

export function power(value) {
  const [mantissa, exponent] = value.toExponential(2).split("e");
  return `${mantissa}×10${raised(Number(exponent))}`.replace("-", "−");
}

export function raised(number) {
  return String(number).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));
}

export function significant(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return power(value);
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const found = {};
  for (const name of ["ink", "quiet", "line", "card", "blue", "red", "prior", "green"]) {
    found[name] = style.getPropertyValue(`--${name}`).trim();
  }
  return found;
}

let spoken = 0;
export function say(text) {
  clearTimeout(spoken);
  spoken = setTimeout(() => { document.getElementById("live").textContent = text; }, 400);
}

export function refuse(sentence) {
  const box = document.getElementById("refusal");
  box.hidden = !sentence;
  if (box.textContent !== (sentence || "")) box.textContent = sentence || "";
  document.body.classList.toggle("stale", Boolean(sentence));
}
