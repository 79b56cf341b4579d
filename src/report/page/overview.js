// The head of the page and the card of the winner.

const METRICS = [
  ["macro F1", "macro_f1", (m) => m.macro?.f1],
  ["macro recall", "macro_recall", (m) => m.macro?.recall],
  ["macro precision", "macro_precision", (m) => m.macro?.precision],
  ["macro specificity", "macro_specificity", (m) => m.macro?.specificity],
  ["weighted F1", "weighted_f1", (m) => m.weighted?.f1],
  ["balanced accuracy", "balanced_accuracy", (m) => m.balanced_accuracy],
  ["accuracy", "accuracy", (m) => m.accuracy],
  ["Matthews correlation", "mcc", (m) => m.mcc],
  ["ROC AUC, one vs rest", "roc_auc_ovr", (m) => m.roc_auc_ovr],
  ["PR AUC, one vs rest", "pr_auc_ovr", (m) => m.pr_auc_ovr],
  ["loss", "loss", (m) => m.loss],
  ["expected calibration error", "expected_calibration_error", (m) => m.expected_calibration_error],
];

const SPLITS = [["test", "test"], ["valid", "validation"], ["train", "train"]];

function describeTrials(counts = {}) {
  const parts = [countOf(counts.total, "trial")];
  for (const state of ["finished", "diverged", "failed"]) {
    if (counts[state] > 0 && counts[state] !== counts.total) {
      parts.push(`${formatCount(counts[state])} ${state}`);
    }
  }
  return parts.filter(Boolean).join(", ");
}

function drawTop(report) {
  const { run } = report;
  const data = run.data ?? {};
  document.title = `${run.name} – forewarn report`;
  document.getElementById("top").append(
    element("h1", {}, run.name),
    element("p", { class: "soft" }, [
      run.status ? `Hyperparameter sweep, ${run.status}` : "Hyperparameter sweep",
      run.started_at ? `started ${run.started_at}` : null,
      `ranked by ${run.rank_by}`,
    ].filter(Boolean).join(" · ")),
    run.status && run.status !== "finished" ? element("p", { class: "warning" },
      "This run did not come to its end: the page shows the trials that had ended.") : "",
    facts("facts", [
      ["Data", data.source],
      ["Rows", formatCount(data.rows)],
      ["Features", formatCount(data.features?.length)],
      ["Classes", formatCount(data.classes?.length)],
      ["Trials", describeTrials(run.trials) || formatCount(report.table.total)],
      ["Device", [run.device, run.engine].filter(Boolean).join(", ")],
      ["Time", formatDuration(run.elapsed_s)],
    ]));
}

function drawWinner(report) {
  const { winner } = report;
  const place = document.getElementById("winner");
  if (winner === null) {
    place.append(element("h2", {}, "No winner"), element("p", { class: "warning" },
      "No trial of this run finished, so no model was kept. The table below says how each trial ended."));
    return;
  }
  const card = element("div", { class: "card" });
  card.append(element("h2", {}, winner.rank === 1 || winner.rank === null
    ? `Winner: trial ${winner.trial}` : `Kept model: trial ${winner.trial}, rank ${winner.rank}`));
  const settings = report.table.settings.map((name, index) =>
    [name, winner.settings[index], report.varying.includes(name) ? "varies" : null]);
  card.append(element("div", {},
    element("p", { class: "soft" }, describeEpoch(report)),
    facts("pairs", settings)));
  card.append(winner.metrics === null
    ? element("p", { class: "warning" }, "best/metrics.json is not in the run folder, so only the table below scores this trial.")
    : winnerTable(report.run.rank_by, winner.metrics));
  place.append(card);
  if (winner.metrics !== null) place.append(...drawEvidence(winner.metrics));
}

function describeEpoch(report) {
  const { winner, curves } = report;
  const { metrics } = winner;
  const folds = curves.find((curve) => curve.trial === winner.trial)?.folds ?? 1;
  const parts = [];
  if (winner.best_epoch !== null) parts.push(`best epoch ${winner.best_epoch}`);
  if (metrics && metrics.epoch !== null && metrics.epoch !== winner.best_epoch) {
    parts.push(`kept model from epoch ${metrics.epoch}`);
  }
  if (metrics?.bagged) {
    parts.push(`the mean of the models of ${metrics.bagged} folds: each validation row is predicted by the one model that was not trained on it`);
  }
  if (metrics && metrics.fold === null && report.run.grid?.model?.refit) {
    parts.push("trained once more on train and validation rows: its validation figures are those of models that were not trained on these rows");
  }
  if (folds > 1 && metrics && metrics.fold !== null) {
    parts.push(`fold ${metrics.fold}, the best of ${folds} by validation: its validation figures are kinder than the means over folds in the table below`);
  }
  return parts.join(", ");
}

function winnerTable(rankBy, metrics) {
  const splits = SPLITS.filter(([key]) => metrics[key]);
  const body = element("tbody");
  for (const [label, name, read] of METRICS) {
    const values = splits.map(([key]) => read(metrics[key]));
    const intervals = splits.map(([key]) => read(metrics[key].intervals ?? {}));
    if (values.every((value) => value === undefined)) continue;
    const ranked = SPLITS.some(([key]) => rankBy === `${key}_${name}`);
    body.append(element("tr", { class: ranked ? "ranked-by" : null },
      element("th", { scope: "row" }, label),
      ...values.map((value, place) => scoreCell(value, intervals[place]))));
  }
  const rows = splits.map(([key]) => element("td", { class: "number" },
    formatCount(metrics[key].rows) ?? "–"));
  body.append(element("tr", {}, element("th", { scope: "row" }, "rows"), ...rows));
  return element("div", { class: "box" },
    element("table", { class: "scores" }, headerRow(["metric", ...splits.map(([, label]) => label)]), body));
}
