// The confusion matrix of the winner and its metrics class by class.

const CLASS_METRICS = ["precision", "recall", "specificity", "f1", "roc_auc", "pr_auc"];

function drawClasses(report) {
  const metrics = report.winner?.metrics;
  const splits = SPLITS.filter(([key]) => metrics?.[key]?.per_class.length > 0);
  if (splits.length === 0) {
    section("confusion", "Confusion matrix", element("p", { class: "soft" },
      "There is no stored best model, so there is no confusion matrix and no score by class."));
    return;
  }
  drawBySplit("confusion", "Confusion matrix of the winner", splits, (split) =>
    confusionTable(metrics[split]),
  "Rows are the true classes, columns the predicted ones. The colour is the share of the row.");
  drawBySplit("classes", "Metrics by class", splits, (split) => classTable(metrics[split]),
    "Each class against all others. A dash means that the metric is not defined, as when a split lacks the class.");
}

function drawBySplit(id, title, splits, draw, explanation) {
  const box = element("div", { class: "box fit" });
  const show = (split) => box.replaceChildren(draw(split));
  section(id, title, element("p", { class: "soft" }, explanation),
    element("div", { class: "controls" }, chooser("on", splits, splits[0][0], show)), box);
  show(splits[0][0]);
}

function confusionTable({ per_class: classes, confusion }) {
  const head = element("tr", {}, element("th", {}, "true ↓  predicted →"),
    ...classes.map((one) => element("th", { scope: "col", class: "wrap" }, one.class)),
    element("th", { scope: "col", class: "number" }, "rows"));
  const body = element("tbody");
  confusion.forEach((counts, row) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count) => shade(element("td", {}, formatCount(count),
      element("small", {}, total > 0 ? `${((100 * count) / total).toFixed(1)} %` : "–")),
    total > 0 ? count / total : 0));
    body.append(element("tr", {}, element("th", { scope: "row" }, classes[row].class), ...cells,
      element("th", { class: "number" }, formatCount(total))));
  });
  return element("table", { class: "cells" }, element("thead", {}, head), body);
}

function classTable({ per_class: classes }) {
  const known = CLASS_METRICS.filter((name) => classes.some((one) => name in one));
  const labels = { f1: "F1", roc_auc: "ROC AUC", pr_auc: "PR AUC" };
  const body = element("tbody");
  for (const one of classes) {
    body.append(element("tr", {}, element("th", { scope: "row" }, one.class),
      element("td", { class: "number" }, formatCount(one.support) ?? "–"),
      ...known.map((name) => element("td", { class: "number" }, formatMetric(one[name])))));
  }
  return element("table", {},
    headerRow(["class", "support", ...known.map((name) => labels[name] ?? name)]), body);
}
