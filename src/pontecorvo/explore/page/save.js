// Files: figures as SVG and PNG, tables as CSV, texts from the server.

import { FONT, colours, refuse, svg } from "./dom.js";
import { getText } from "./api.js";

export function download(content, type, name) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

export async function fromServer(content, name, type = "text/plain") {
  try {
    download(await getText("/api/file", content), type, name);
    refuse(null);
  } catch (error) {
    refuse(error.message);
  }
}

const ACROSS = 1120; // width of a row of pictures

// Pictures side by side in one SVG, row by row.
export function together(nodes) {
  const ink = colours();
  const boxes = nodes.map((node) => node.getAttribute("viewBox").split(" ").map(Number));
  const places = [];
  let [left, top, tall, wide] = [0, 0, 0, 0];
  for (const [, , width, height] of boxes) {
    if (left > 0 && left + width > ACROSS) { top += tall + 8; left = 0; tall = 0; }
    places.push([left, top]);
    left += width;
    tall = Math.max(tall, height);
    wide = Math.max(wide, left);
  }
  const size = [wide, top + tall];
  const whole = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width: size[0], height: size[1], viewBox: `0 0 ${size[0]} ${size[1]}`, "font-family": FONT });
  whole.append(svg("rect", { width: size[0], height: size[1], fill: ink.card }));
  nodes.forEach((node, k) => {
    const copy = node.cloneNode(true);
    copy.removeAttribute("class");
    copy.setAttribute("x", places[k][0]);
    copy.setAttribute("y", places[k][1]);
    copy.setAttribute("width", boxes[k][2]);
    copy.setAttribute("height", boxes[k][3]);
    for (const hint of copy.querySelectorAll("[data-hint]")) hint.remove();
    whole.append(copy);
  });
  return whole;
}

export function saveSvg(nodes, name) {
  download(new XMLSerializer().serializeToString(together(nodes)), "image/svg+xml", `${name}.svg`);
}

export async function savePng(nodes, name) {
  const whole = together(nodes);
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" }));
  const picture = new Image();
  await new Promise((done, fail) => { picture.onload = done; picture.onerror = fail; picture.src = address; });
  const canvas = document.createElement("canvas");
  canvas.width = 2 * Number(whole.getAttribute("width"));
  canvas.height = 2 * Number(whole.getAttribute("height"));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  canvas.toBlob((blob) => download(blob, "image/png", `${name}.png`), "image/png");
}

// A cell of CSV: quoted where needed, and never a formula of a spreadsheet.
export function cell(value) {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(rows, name) {
  download(`${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`, "text/csv", `${name}.csv`);
}
