// How much the winner's figures can claim: intervals, and how many rows of each class they rest on.

// A class of fewer test rows is named below the table.
const FEW_ROWS = 30;
const MOST_NAMED = 5;

// A score with its interval below it.
function scoreCell(value, interval) {
  const range = Array.isArray(interval) && interval.every(Number.isFinite)
    ? element("small", {}, interval.map((end) => end.toFixed(3)).join("–")) : null;
  return element("td", { class: "number" }, formatMetric(value), range);
}

function drawEvidence(metrics) {
  const splits = SPLITS.filter(([key]) => key !== "train" && metrics[key]?.per_class.length > 0);
  if (splits.length === 0) return [];
  const head = element("thead", {},
    element("tr", {}, element("th"), ...splits.map(([, label]) =>
      element("th", { scope: "colgroup", colspan: 4, class: "starts" }, `${label} rows`))),
    element("tr", {}, element("th", { scope: "col" }, "class"), ...splits.flatMap(() =>
      ["rows", "recall", "precision", "F1"].map((name) =>
        element("th", { scope: "col", class: name === "rows" ? "number starts" : "number" }, name)))));
  const body = element("tbody");
  metrics[splits[0][0]].per_class.forEach((one, place) => {
    const cells = splits.flatMap(([key]) => classCells(metrics[key], place));
    body.append(element("tr", {}, element("th", { scope: "row" }, one.class), ...cells));
  });
  const few = describeFew(metrics.test?.per_class ?? []);
  return [
    element("h3", { class: "after" }, "The winner, class by class"),
    element("div", { class: "box fit" }, element("table", { class: "scores" }, head, body)),
    few ? element("p", { class: "warning after" }, few) : "",
    element("p", { class: "soft after" }, "Small figures are 95 % bootstrap intervals. They take the rows for "
      + "independent: rows of one machine or of neighbouring times are not, and the intervals are then too narrow. "
      + "Where all rows of a class went one way, they have no width, which is no certainty."),
  ];
}

function classCells({ per_class: classes, intervals }, place) {
  const one = classes[place] ?? { support: 0 };
  const scores = ["recall", "precision", "f1"].map((name) => one.support === 0
    ? scoreCell(null) : scoreCell(one[name], intervals?.per_class?.[place]?.[name]));
  return [element("td", { class: "number starts" }, formatCount(one.support) ?? "–"), ...scores];
}

function describeFew(classes) {
  const few = classes.filter(({ support }) => support < FEW_ROWS)
    .sort((one, other) => one.support - other.support);
  if (few.length === 0) return null;
  const told = few.slice(0, MOST_NAMED).map(({ class: name, support }) => support === 0
    ? `“${name}” has no test row: nothing is known of it`
    : `“${name}” has ${countOf(support, "test row")}: its recall moves by ${Math.round(100 / support)} points with one row`);
  const more = few.length - told.length;
  return `${told.join("; ")}${more > 0 ? `; and so on for ${more} more of fewer than ${FEW_ROWS}` : ""}.`;
}
