// Feature importance of the winner: bars with whiskers, the most important first.

const IMPORTANCE_SCORES = { macro_f1: "macro F1", mcc: "MCC", log_loss: "log loss" };
const BARS = { width: 1000, left: 300, right: 130, row: 26, top: 6, bottom: 42, longest: 44 };

function drawImportance(report) {
  const title = "Feature importance of the winner";
  const found = report.importance;
  if (!found || found.features === 0) {
    section("importance", title, element("p", { class: "soft" },
      "The run has no best/importance.csv, so nothing is known of its features."));
    return;
  }
  const figure = element("figure", {});
  const show = (score) => figure.replaceChildren(drawBars(found.scores.find((one) => one.score === score)));
  const options = found.scores.map(({ score }) => [score, IMPORTANCE_SCORES[score]]);
  section("importance", title, element("p", { class: "soft" }, describeImportance(report, found)),
    element("div", { class: "controls" }, chooser("by", options, options[0][0], show)), figure);
  show(options[0][0]);
}

function describeImportance(report, { features, rows, repeats, scores }) {
  const metrics = report.winner?.metrics;
  const part = metrics?.test ? "test" : "validation";
  const all = metrics?.[part === "test" ? "test" : "valid"]?.rows;
  const among = all > rows ? `${formatCount(rows)} of the ${countOf(all, `${part} row`)}` : countOf(rows, `${part} row`);
  const shown = scores[0].bars.length;
  return `How much worse a score is when the values of one feature are shuffled among ${among}: mean of `
    + `${countOf(repeats, "shuffle")}, the whisker one standard deviation to each side. The inputs that an encoding has made `
    + "of a column are shuffled together. Of two features that say the same, each can look useless."
    + `${shown < features ? ` The first ${shown} of ${formatCount(features)} features are shown.` : ""}`;
}

function drawBars({ score, bars }) {
  const height = BARS.top + bars.length * BARS.row + BARS.bottom;
  const [low, high] = extentOf([0, ...bars.flatMap(({ mean, std }) => [mean - std, mean + std])]);
  const span = high - low || 1;
  const x = (value) => BARS.left + ((value - low) / span) * (BARS.width - BARS.left - BARS.right);
  const svg = shape("svg", { viewBox: `0 0 ${BARS.width} ${height}`, width: BARS.width, height, role: "img",
    "aria-label": `importance of features by ${IMPORTANCE_SCORES[score]}` });
  const bottom = height - BARS.bottom;
  for (const { value, text } of linearTicks(low, low + span, 6)) {
    svg.append(shape("line", { class: "grid", x1: x(value), x2: x(value), y1: BARS.top, y2: bottom }),
      shape("text", { x: x(value), y: bottom + 17, "text-anchor": "middle" }, text));
  }
  bars.forEach((bar, place) => svg.append(drawBar(bar, BARS.top + place * BARS.row, x)));
  const what = score === "log_loss" ? "rise of log loss, nats" : `fall of ${IMPORTANCE_SCORES[score]}`;
  svg.append(shape("text", { x: (x(low) + x(high)) / 2, y: height - 6, "text-anchor": "middle" }, what));
  return svg;
}

function drawBar({ feature, mean, std }, top, x) {
  const middle = top + BARS.row / 2;
  const name = feature.length > BARS.longest ? `${feature.slice(0, BARS.longest - 1)}…` : feature;
  const [start, end] = [Math.min(x(0), x(mean)), Math.max(x(0), x(mean))];
  const told = `${mean.toFixed(4)} ± ${std.toFixed(4)}`;
  return shape("g", { class: "importance" },
    shape("title", {}, `${feature}: ${told}`),
    shape("text", { x: BARS.left - 10, y: middle + 4, "text-anchor": "end" }, name),
    shape("rect", { x: start, y: top + 4, width: end - start, height: BARS.row - 8 }),
    shape("line", { x1: x(mean - std), x2: x(mean + std), y1: middle, y2: middle }),
    shape("text", { x: BARS.width - BARS.right + 10, y: middle + 4 }, told));
}
