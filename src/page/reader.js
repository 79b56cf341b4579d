// Reading a chart: the point nearest to the pointer, or that the arrow keys come to, is named in a tip.

const REACH_PX = 70;

// Lets the points of a `fluid` figure be read; every drawing calls `reset` with its points, { x, y, line }
// and whatever `tell` needs to fill the tip. `turn` hears which point is named, or null; `choose` which
// one is clicked, or entered. Points of one `line` follow each other.
function makeReader(figure, { tell, turn = () => {}, choose = () => {}, nearest = nearestPoint }) {
  const svg = figure.querySelector("svg");
  const tip = element("div", { class: "tip", hidden: "", "aria-live": "polite" });
  const ring = shape("circle", { class: "pointer", r: 6, visibility: "hidden" });
  figure.append(tip);
  figure.setAttribute("tabindex", "0");
  const reader = { points: [], point: null, ring };
  const scale = () => (svg.viewBox.baseVal?.width || svg.clientWidth) / (svg.getBoundingClientRect().width || 1);
  const name = (point) => {
    const turned = reader.point?.line !== point?.line;
    reader.point = point;
    ring.setAttribute("visibility", point === null ? "hidden" : "visible");
    tip.hidden = point === null;
    if (point !== null) {
      ring.setAttribute("cx", point.x);
      ring.setAttribute("cy", point.y);
      tip.replaceChildren(...tell(point));
      placeTip(figure, tip, point.x / scale(), point.y / scale());
    }
    if (turned) turn(point);
  };
  reader.reset = (points) => {
    name(null);
    reader.points = points;
    svg.append(ring);
  };
  figure.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect();
    name(nearest(reader.points, (event.clientX - frame.left) * scale(), (event.clientY - frame.top) * scale()));
  });
  figure.addEventListener("pointerleave", () => name(null));
  figure.addEventListener("blur", () => name(null));
  figure.addEventListener("click", () => {
    if (reader.point !== null) choose(reader.point);
  });
  figure.addEventListener("keydown", (event) => {
    const moves = {
      ArrowRight: () => name(stepAlong(reader, 1)),
      ArrowLeft: () => name(stepAlong(reader, -1)),
      ArrowDown: () => name(stepAcross(reader, 1)),
      ArrowUp: () => name(stepAcross(reader, -1)),
      Enter: () => reader.point && choose(reader.point),
      Escape: () => name(null),
    };
    if (!(event.key in moves) || reader.points.length === 0) return;
    event.preventDefault();
    moves[event.key]();
  });
  return reader;
}

function nearestPoint(points, x, y) {
  let near = null;
  let least = REACH_PX ** 2;
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) [near, least] = [point, distance];
  }
  return near;
}

function stepAlong({ points, point }, step) {
  return points[points.indexOf(point) + step] ?? point ?? points[0];
}

// The point of the next line that lies closest above or below.
function stepAcross({ points, point }, step) {
  if (point === null) return points[0];
  const lines = [...new Set(points.map(({ line }) => line))];
  const line = lines[lines.indexOf(point.line) + step];
  if (line === undefined) return point;
  return points.filter((other) => other.line === line)
    .reduce((near, other) => (Math.abs(other.x - point.x) < Math.abs(near.x - point.x) ? other : near));
}

function placeTip(figure, tip, left, top) {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const turned = left + 16 + width > figure.clientWidth;
  tip.style.left = `${turned ? Math.max(0, left - width - 16) : left + 16}px`;
  tip.style.top = `${Math.min(Math.max(0, top - height / 2), Math.max(0, figure.clientHeight - height))}px`;
}
