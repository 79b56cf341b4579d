// The best configuration of each family, run by run.

function drawFamilies(found) {
  const { families: runs, judged } = found;
  if (runs.length === 0) return;
  const names = [...new Set(runs.flatMap(({ families }) => families.map(({ family }) => family)))];
  const body = element("tbody", {}, ...names.map((name) => element("tr", {},
    element("th", { scope: "row" }, name), ...runs.flatMap((run) => familyCells(run, name, judged)))));
  const heads = ({ families }) => ["validation", "test",
    `${judged === "test" ? "test" : "validation"} less that of ${families[0]?.family ?? "the best"}`, "one training", "1,000 rows"];
  const head = element("thead", {},
    element("tr", {}, element("th", { rowspan: 2, scope: "col" }, "family"),
      ...runs.map(({ run, rank_by: score }) =>
        element("th", { class: "starts", colspan: 5, scope: "colgroup" }, run, element("small", {}, ` by ${score}`)))),
    element("tr", {}, ...runs.flatMap((run) => heads(run).map((text, place) =>
      element("th", { class: place === 0 ? "number starts" : "number narrow", scope: "col" }, text)))));
  const scores = [...new Set(runs.map(({ rank_by: score }) => score))].join(" or ");
  section("families", "Families",
    element("p", { class: "soft" }, `The configuration of each family that is best by ${scores}, run by run: mean and standard deviation over its `
      + "seeds and folds; the mean difference from the run's best family over the same seeds and folds, with its 95 % interval; the time "
      + "of one training, and to predict 1,000 rows on one thread. "
      + "A dash stands where a run does not have the family, or did not record the value."),
    element("div", { class: "box fit" }, element("table", { class: "families" }, head, body)));
}

function familyCells({ families, ranked }, name, judged) {
  const found = families.find(({ family }) => family === name);
  const cells = found === undefined ? [null, null, null, null, null] : [
    spreadText(found.valid[ranked]), spreadText(found.test[ranked]),
    differenceText(judged === "test" ? found.test_difference : found.valid_difference),
    timeText(found.seconds), timeText(found.predict_seconds)];
  return cells.map((content, place) => element("td", {
    class: place === 0 ? "number starts" : "number",
    title: found?.trial == null ? null : `trial ${found.trial}`,
  }, ...[content ?? "–"].flat()));
}

function spreadText(spread) {
  if (spread === undefined || spread.mean === null) return null;
  const { mean, std } = spread;
  return std === null ? formatMetric(mean) : `${formatMetric(mean)} ± ${std.toFixed(4)}`;
}

function differenceText(found) {
  if (found === null) return null;
  const { mean, interval } = found;
  return [signedText(mean), interval === null ? "" : element("small", {}, `${signedText(interval[0])} to ${signedText(interval[1])}`)];
}
