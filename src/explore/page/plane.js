// Charts that follow the width of their place, and their axes.

// A figure whose chart is drawn at the figure's width, again whenever that changes, so that text keeps
// its size. `draw` fills the <svg> for a width and returns the height.
function fluid(label, draw) {
  const svg = shape("svg", { role: "img", "aria-label": label });
  const figure = element("figure", { class: "plot" }, svg);
  let drawn = 0;
  const redraw = () => {
    const width = Math.max(240, Math.floor(figure.clientWidth));
    if (width === drawn || figure.clientWidth === 0) return;
    drawn = width;
    svg.replaceChildren();
    const height = draw(svg, width);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
  };
  // In the next frame, as a chart drawn within the observer's own call can change the size once more.
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(figure);
  return figure;
}

// A number in few digits.
function shortNumber(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return String(Number(value.toPrecision(4)));
  return String(Number(value.toPrecision(6)));
}

// Ticks of an axis; only its ends where the range is too narrow, or too wide, to step through.
function axisTicks(low, high, count) {
  const span = high - low;
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (!(span > 1e-80 && size < 1e80 && size / span < 1e9)) {
    return [low, high].map((value) => ({ value, text: shortNumber(value) }));
  }
  return linearTicks(low, high, count).map(({ value, text }) =>
    ({ value, text: text.length > 8 ? shortNumber(value) : text }));
}

// The place of values between `left` and `right`; the middle where there is one value only.
function scaleOf(low, high, left, right) {
  const span = high - low;
  return (value) => span > 0 ? left + ((value - low) / span) * (right - left) : (left + right) / 2;
}

function axisBelow(svg, scale, low, high, y, width) {
  const places = axisTicks(low, high, Math.max(2, Math.floor(width / 75)));
  svg.append(shape("line", { class: "grid", x1: scale(low), x2: scale(high), y1: y, y2: y }));
  for (const { value, text } of places) {
    const x = scale(value);
    const anchor = x < 22 ? "start" : x > width - 22 ? "end" : "middle";
    svg.append(shape("line", { class: "grid", x1: x, x2: x, y1: y, y2: y + 4 }),
      shape("text", { x, y: y + 16, "text-anchor": anchor }, text));
  }
}

// Text cut to `length` characters.
function cut(text, length) {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

// The same without its middle, for names that differ at their ends.
function cutMiddle(text, length) {
  const letters = [...text];
  if (letters.length <= length) return text;
  const back = Math.max(0, Math.floor(length / 2) - 1);
  const front = Math.max(0, length - back - 1);
  return `${letters.slice(0, front).join("")}…${letters.slice(letters.length - back).join("")}`;
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;
}

// Milliseconds since 1970 as a clock on the wall shows them; the calendar ends somewhere.
function showTime(milliseconds) {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return `${milliseconds} ms`;
  return time.toISOString().slice(0, -1).replace("T", " ").replace(/(:00)?\.000$/, "");
}

function showDuration(milliseconds) {
  if (milliseconds === null) return "–";
  const parts = [];
  let rest = milliseconds;
  for (const [unit, length] of [["d", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000], ["ms", 1]]) {
    const count = Math.floor(rest / length);
    if (count > 0 && parts.length < 2) parts.push(`${formatCount(count)} ${unit}`);
    rest -= count * length;
  }
  return parts.join(" ") || "0 s";
}
