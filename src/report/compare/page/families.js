// The best configuration of each family, run by run.

function drawFamilies(found) {
  const { families: runs, scores } = found;
  if (runs.length === 0) return;
  const ranked = scores.findIndex((score) => score.is_ranked_by);
  const names = [...new Set(runs.flatMap(({ families }) => families.map(({ family }) => family)))];
  const body = element("tbody", {}, ...names.map((name) => element("tr", {},
    element("th", { scope: "row" }, name),
    ...runs.flatMap(({ families }) => familyCells(families.find(({ family }) => family === name), ranked)))));
  const heads = ["validation", "test", "one training", "1,000 rows"];
  const head = element("thead", {},
    element("tr", {}, element("th", { rowspan: 2, scope: "col" }, "family"),
      ...runs.map(({ run }) => element("th", { class: "starts", colspan: heads.length, scope: "colgroup" }, run))),
    element("tr", {}, ...runs.flatMap(() => heads.map((text, place) =>
      element("th", { class: place === 0 ? "number starts" : "number", scope: "col" }, text)))));
  section("families", "Families",
    element("p", { class: "soft" }, `The ${scores[ranked]?.title ?? "score"} of the best configuration of each family of each run, mean and standard `
      + "deviation over its seeds and folds; the time of one training, and to predict 1,000 rows on one thread. "
      + "A dash stands where a run does not have the family, or did not record the time."),
    element("div", { class: "box fit" }, element("table", { class: "families" }, head, body)));
}

function familyCells(found, ranked) {
  const cells = found === undefined ? [null, null, null, null]
    : [spreadText(found.valid[ranked]), spreadText(found.test[ranked]), timeText(found.seconds), timeText(found.predict_seconds)];
  return cells.map((text, place) => element("td", { class: place === 0 ? "number starts" : "number" }, text ?? "–"));
}

function spreadText({ mean, std }) {
  if (mean === null) return null;
  return std === null ? formatMetric(mean) : `${formatMetric(mean)} ± ${std.toFixed(4)}`;
}
