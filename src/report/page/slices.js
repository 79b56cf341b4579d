// The score against each setting alone.

const SLICE = { height: 210, left: 52, right: 12, top: 10, label: 6.3 };

function drawSlices(report, selection) {
  const { axes, slices } = report;
  if (axes.length === 0) return;
  const title = `${report.run.rank_by} by each setting`;
  const plots = axesByWeight(report).map((place) => drawSlice(report, selection, place));
  section("slices", title,
    element("p", { class: "soft" }, slices.drawn.length < slices.trials
      ? `A dot for ${formatCount(slices.drawn.length)} of ${countOf(slices.trials, "finished trial")}; means and best are of all.`
      : "A dot for each finished trial.", ` ${aboutFamily(report)} Point at a dot to read it, click to mark its row; arrow keys read it too.`),
    element("div", { class: "slices" }, ...plots),
    element("div", { class: "key" }, element("span", { class: "wins" }, "mean of a value's trials"),
      element("span", { class: "best" }, "the best of them"), element("span", { class: "chosen" }, "the row marked in the table")));
}

function drawSlice(report, selection, place) {
  const axis = report.axes[place];
  const model = { report, place, axis, marginals: report.slices.marginals[place] };
  const figure = fluid(`${report.run.rank_by} by ${axis.name}`, (svg, width) => fillSlice(model, svg, width));
  model.restyle = () => markSlice(model, selection.trial);
  model.reader = makeReader(figure, {
    tell: ({ line }) => [...tellTrial(report, line), tellMarginal(model, line.levels[place])],
    choose: ({ line }) => selection.choose(line.trial),
  });
  selection.onChange(model.restyle);
  const letters = axis.values.reduce((sum, value) => sum + Math.min(24, [...value].length) + 2, 0);
  return element("div", { class: letters > 46 ? "wide" : null }, element("h3", {}, axis.name), figure);
}

function fillSlice(model, svg, width) {
  const { report, axis, marginals, place, reader } = model;
  const log = report.anova?.logarithm ?? false;
  const grade = log ? Math.log10 : (score) => score;
  const [low, high] = extentOf(report.slices.drawn.map(({ score }) => score));
  const names = axis.values.map((value) => cut(value, 24));
  const letters = Math.max(...names.map((name) => [...name].length));
  const room = width - SLICE.left - SLICE.right;
  const edge = Math.max(Math.min(60, room / (2 * axis.values.length)), Math.min(room / 4, (letters * SLICE.label) / 2));
  const places = placesOf(axis, SLICE.left + edge, width - SLICE.right - edge);
  const slanted = gapOf(places, width) < letters * SLICE.label + 8 && axis.values.some((value) => numberOf(value) === null);
  const foot = slanted ? 16 + letters * SLICE.label * 0.62 : 24;
  const floor = SLICE.height - 24;
  const y = (score) => {
    const span = grade(high) - grade(low);
    return span > 0 ? floor - 8 - ((grade(score) - grade(low)) / span) * (floor - SLICE.top - 16) : (floor + SLICE.top) / 2;
  };
  for (const { value, text } of scoreTicks(low, high, log, 4)) {
    svg.append(shape("line", { class: "grid", x1: SLICE.left, x2: width - SLICE.right, y1: y(value), y2: y(value) }),
      shape("text", { x: SLICE.left - 6, y: y(value) + 4, "text-anchor": "end" }, text));
  }
  labelSlice(svg, names, places, floor, slanted);
  const spread = Math.min(30, gapOf(places, 60) * 0.5);
  const points = report.slices.drawn.map((trial, index) => ({
    line: trial, x: places[trial.levels[place]] + (scatter(index) - 0.5) * spread, y: y(trial.score) }));
  // One path of all dots: thousands of elements would be slow.
  svg.append(shape("path", { class: "dots", d: points.map((point) => `M${point.x.toFixed(1)} ${point.y.toFixed(1)}h0`).join("") }));
  addMarginals(svg, marginals, places, y, Math.max(8, spread / 2 + 5), axis);
  model.mark = shape("circle", { class: "dot chosen", r: 5, visibility: "hidden" });
  svg.append(model.mark);
  reader.reset(points);
  model.restyle();
  return floor + foot;
}

function tellMarginal({ axis, marginals }, level) {
  const { mean, best, trials } = marginals[level];
  return element("div", {}, `${axis.name} ${axis.values[level]}: mean ${formatMetric(mean)}, best ${formatMetric(best)} of ${countOf(trials, "trial")}`);
}

function addMarginals(svg, marginals, places, y, reach, { values }) {
  const isNumeric = values.every((value) => numberOf(value) !== null);
  if (isNumeric) {
    svg.append(shape("path", { class: "means", d: `M${marginals.map(({ mean }, index) => `${places[index].toFixed(1)} ${y(mean).toFixed(1)}`).join("L")}` }));
  }
  marginals.forEach((marginal, index) => {
    for (const kind of ["mean", "best"]) {
      const at = y(marginal[kind]);
      svg.append(shape("line", { class: kind, x1: places[index] - reach, x2: places[index] + reach, y1: at, y2: at }));
    }
  });
}

function labelSlice(svg, names, places, floor, slanted) {
  let end = -Infinity;
  names.forEach((name, index) => {
    const x = places[index];
    if (slanted) {
      svg.append(shape("text", { x, y: floor + 14, "text-anchor": "end", transform: `rotate(-38 ${x} ${floor + 14})` }, name));
      return;
    }
    const half = ([...name].length * SLICE.label) / 2;
    if (x - half < end + 6) return;
    end = x + half;
    svg.append(shape("text", { x, y: floor + 17, "text-anchor": "middle" }, name));
  });
}

// A place between 0 and 1 for each trial, the same at every drawing (multiples of the golden ratio).
function scatter(index) {
  return (index * 0.618033988749895) % 1;
}

function markSlice({ reader, mark }, chosen) {
  const point = reader.points.find(({ line }) => line.trial === chosen);
  mark.setAttribute("visibility", point ? "visible" : "hidden");
  if (!point) return;
  mark.setAttribute("cx", point.x);
  mark.setAttribute("cy", point.y);
}
