// Weighted histograms, ranges and ticks. Numbers that are quoted come from the server.

export function range(values, weight, column) {
  if (column.period) return [0, column.period];
  const order = [];
  for (let i = 0; i < values.length; i += 1) {
    if (weight[i] > 0 && Number.isFinite(values[i]) && (!column.log || values[i] > 0)) order.push(i);
  }
  if (!order.length) return [0, 1];
  order.sort((a, b) => values[a] - values[b]);
  let total = 0;
  for (const i of order) total += weight[i];
  let low = values[order[0]];
  let high = values[order[order.length - 1]];
  let sum = 0;
  let begun = false;
  for (const i of order) {
    sum += weight[i];
    if (!begun && sum >= 0.002 * total) { low = values[i]; begun = true; }
    if (sum >= 0.998 * total) { high = values[i]; break; }
  }
  if (column.log) { low = Math.log10(low); high = Math.log10(high); }
  const margin = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
  return [low - margin, high + margin];
}

// Keeps an axis still while what it shows stays well inside it.
export function settled(old, wanted) {
  if (!old) return wanted;
  const inside = wanted[0] >= old[0] && wanted[1] <= old[1];
  return inside && wanted[1] - wanted[0] > 0.55 * (old[1] - old[0]) ? old : wanted;
}

// Heights that integrate to one over the range, and the share of the weight inside it.
export function histogram(values, weight, ends, bins, log, mask) {
  const height = new Float64Array(bins);
  const scale = bins / (ends[1] - ends[0]);
  let inside = 0;
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    if (mask && !mask[i]) continue;
    const w = weight ? weight[i] : 1;
    const x = log ? Math.log10(values[i]) : values[i];
    if (!Number.isFinite(w)) continue;
    total += w;
    const k = Math.floor((x - ends[0]) * scale);
    if (k >= 0 && k < bins) { height[k] += w; inside += w; }
  }
  if (inside > 0) for (let k = 0; k < bins; k += 1) height[k] *= scale / inside;
  return { height, inside: total > 0 ? inside / total : 0 };
}

export function binsFor(ess) {
  return Math.round(Math.min(48, Math.max(12, 2.5 * Math.cbrt(ess || 1))));
}

export function essOf(weight, mask) {
  let one = 0;
  let two = 0;
  for (let i = 0; i < weight.length; i += 1) {
    if (!mask || mask[i]) { one += weight[i]; two += weight[i] * weight[i]; }
  }
  return { share: one, ess: two > 0 ? (one * one) / two : 0 };
}

// Ticks of an axis: [place, text].
export function ticks(ends, log, period, most = 5) {
  if (period === 360) return [0, 90, 180, 270, 360].map((t) => [t, String(t)]);
  if (log) return decades(ends, most);
  const step = nice((ends[1] - ends[0]) / most);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(ends[0] / step - 1e-9); k * step <= ends[1] + 1e-9 * step; k += 1) {
    const value = k * step;
    const text = Math.abs(value) >= 1e5 || digits > 6 ? value.toExponential(1) : value.toFixed(digits);
    found.push([value, text.replace("-", "−").replace(/^−(0(\.0*)?)$/, "$1")]);
  }
  return found;
}

function nice(step) {
  const size = 10 ** Math.floor(Math.log10(step));
  const ratio = step / size;
  return size * (ratio > 5 ? 10 : ratio > 2 ? 5 : ratio > 1 ? 2 : 1);
}

const UP = "⁰¹²³⁴⁵⁶⁷⁸⁹";
function decades(ends, most) {
  const span = ends[1] - ends[0];
  if (span < 2.6) {
    const steps = span < 1.3 ? [1, 2, 5] : [1, 3];
    const found = [];
    for (let e = Math.floor(ends[0]); e <= ends[1]; e += 1) {
      for (const m of steps) {
        const at = e + Math.log10(m);
        if (at >= ends[0] && at <= ends[1]) found.push([at, plain(m, e)]);
      }
    }
    return found;
  }
  const step = Math.max(1, Math.ceil(span / most));
  const found = [];
  for (let e = Math.ceil(ends[0] / step) * step; e <= ends[1]; e += step) found.push([e, plain(1, e)]);
  return found;
}

function plain(m, e) {
  if (e >= -2 && e <= 3) return String(Number((m * 10 ** e).toPrecision(3)));
  const raised = String(e).replace(/./g, (c) => (c === "-" ? "⁻" : UP[Number(c)]));
  return m === 1 ? `10${raised}` : `${m}·10${raised}`;
}
