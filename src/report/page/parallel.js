// Every trial as a line over the settings to its score.

const PARALLEL = { height: 380, top: 34, bottom: 16, left: 3, most: 300, best: 100, axes: 10 };

function drawParallel(report, selection) {
  const { axes, slices } = report;
  if (axes.length < 2) return;
  const drawn = thinned(slices.drawn);
  const shown = axesByWeight(report).slice(0, PARALLEL.axes).reverse();
  const model = { report, drawn, shown, merit: meritOf(report), paths: new Map(), over: [] };
  const figure = fluid(`settings and scores of ${countOf(drawn.length, "trial")}`,
    (svg, width) => fillParallel(model, svg, width), 90 + shown.length * 70);
  model.restyle = () => restyleParallel(model, selection.trial);
  model.reader = makeReader(figure, {
    tell: ({ line }) => tellTrial(report, line),
    turn: model.restyle,
    choose: ({ line }) => selection.choose(line.trial),
    nearest: nearestLine,
  });
  selection.onChange(model.restyle);
  const scores = drawn.map(({ score }) => score);
  const [low, high] = extentOf(scores);
  const [worse, better] = report.lower_is_better ? [high, low] : [low, high];
  section("parallel", "Every trial over its settings",
    element("p", { class: "soft" }, describeParallel(report, drawn, shown)),
    figure,
    element("p", { class: "ramp faint after" }, `worse ${formatMetric(worse)}`, element("i"), `${formatMetric(better)} better`));
}

function describeParallel(report, drawn, shown) {
  const { axes, slices, run } = report;
  return [
    drawn.length < slices.trials
      ? `${formatCount(drawn.length)} of ${countOf(slices.trials, "finished trial")} are drawn: the best ${PARALLEL.best}, and others evenly from those behind.`
      : `A line for each of the ${countOf(drawn.length, "finished trial")}.`,
    aboutFamily(report),
    shown.length < axes.length ? `${shown.length} of ${axes.length} settings are shown.` : "",
    `The setting that ${run.rank_by} depends on most stands next to it. Within a value the better trials lie higher. Point at a line to read it, click to mark its row; arrow keys read it too.`,
  ].filter(Boolean).join(" ");
}

// The best trials, and an even choice of the others with the last.
function thinned(trials) {
  const { most, best } = PARALLEL;
  if (trials.length <= most) return trials;
  const behind = trials.length - best;
  const others = Array.from({ length: most - best }, (_, step) =>
    trials[best + Math.floor((behind * (step + 1)) / (most - best)) - 1]);
  return [...trials.slice(0, best), ...others];
}

function fillParallel(model, svg, width) {
  const { report, drawn, shown, merit } = model;
  const { height, top, bottom, left } = PARALLEL;
  const columns = [...shown.map((place) => report.axes[place].name), report.run.rank_by];
  // Room for the scores' figures at the right.
  const step = (width - left - 74) / (columns.length - 1);
  const x = (column) => left + column * step;
  const [from, to] = [height - bottom - 22, top + 22];
  const scales = shown.map((place) => {
    const places = placesOf(report.axes[place], from, to);
    return { places, room: Math.min(44, gapOf(places, from - to) * 0.6) };
  });
  const scoreAt = (score) => from + 22 + merit(score) * (to - from - 44);
  const points = [];
  const lines = drawn.map((trial, order) => {
    // Lines of one value part by their order, for equal ones would hide each other.
    const part = (order + 0.5) / drawn.length - 0.5;
    const ys = shown.map((place, column) => scales[column].places[trial.levels[place]] + part * scales[column].room);
    ys.push(scoreAt(trial.score));
    const own = ys.map((y, column) => ({ line: trial, x: x(column), y }));
    points.push(...own);
    const mark = shape("path", { class: "thread", d: `M${own.map((point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join("L")}` });
    mark.style.setProperty("--depth", (0.12 + 0.88 * merit(trial.score)).toFixed(3));
    model.paths.set(trial.trial, mark.getAttribute("d"));
    return mark;
  });
  // Worst first, so that the best lie on top; above them the lines that are pointed at and marked.
  model.over = ["chosen", "near"].map((state) => shape("path", { class: `over ${state}` }));
  svg.append(...lines.reverse(), ...model.over);
  columns.forEach((name, column) => {
    const anchor = column === 0 ? "start" : column === columns.length - 1 ? "end" : "middle";
    const at = column === columns.length - 1 ? width - 2 : x(column);
    svg.append(shape("line", { class: "axis", x1: x(column), x2: x(column), y1: from + 22, y2: to - 22 }),
      shape("text", { class: "name", x: at, y: 14, "text-anchor": anchor }, cut(name, Math.max(6, Math.floor(step / 6.6)))));
  });
  shown.forEach((place, column) => labelValues(svg, report.axes[place].values, scales[column].places, x(column), step));
  const scores = extentOf(drawn.map(({ score }) => score));
  for (const { value, text } of scoreTicks(...scores, report.anova?.logarithm, 6)) {
    svg.append(shape("text", { x: x(columns.length - 1) + 8, y: scoreAt(value) + 4 }, text));
  }
  model.reader.reset(points);
  model.restyle();
  return height;
}

// Values beside their axis, on a halo of the paper; those that would lie on one another are left out.
function labelValues(svg, values, places, x, step) {
  let last = Infinity;
  values.forEach((value, index) => {
    if (Math.abs(places[index] - last) < 13) return;
    last = places[index];
    svg.append(shape("text", { class: "halo", x: x + 7, y: last + 4 }, cut(value, Math.max(4, Math.floor((step - 14) / 6.4)))));
  });
}

// A point of the line that passes closest above or below.
function nearestLine(points, x, y) {
  let near = null;
  let least = 28;
  points.forEach((point, index) => {
    const next = points[index + 1];
    if (next?.line !== point.line || x < point.x || x > next.x) return;
    const share = (x - point.x) / (next.x - point.x);
    const distance = Math.abs(point.y + share * (next.y - point.y) - y);
    if (distance < least) [near, least] = [share < 0.5 ? point : next, distance];
  });
  return near;
}

function restyleParallel({ paths, over, reader }, chosen) {
  [chosen, reader.point?.line.trial].forEach((trial, index) => {
    const path = paths.get(trial);
    if (path) over[index].setAttribute("d", path);
    else over[index].removeAttribute("d");
  });
}
