// Charts that follow the width of their place, and their axes.

// A figure whose chart is drawn at the figure's width, again whenever that changes, so that text keeps
// its size. `draw` fills the <svg> for a width and returns the height; `redraw` calls it once more.
function fluid(label, draw, least = 240) {
  const svg = shape("svg", { role: "img", "aria-label": label });
  const figure = element("figure", { class: "plot" }, svg);
  let drawn = 0;
  const widthOf = () => Math.max(least, Math.floor(figure.clientWidth));
  figure.redraw = () => {
    if (figure.clientWidth === 0) return;
    drawn = widthOf();
    svg.replaceChildren();
    const height = draw(svg, drawn);
    svg.setAttribute("viewBox", `0 0 ${drawn} ${height}`);
    svg.setAttribute("width", drawn);
    svg.setAttribute("height", height);
  };
  const follow = () => {
    if (drawn !== widthOf()) figure.redraw();
  };
  // When the page stands: the figure has no width before.
  queueMicrotask(follow);
  // In the next frame: a chart drawn within the observer's own call can change the size once more,
  // which browsers report as an error.
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(figure);
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
