// The models that combine several, where the run made any: the mean, and the regression on what models predict.

const MOST_MEMBERS = 12;

// Removes the place of a section that the run has nothing for.
function absent(id) {
  document.getElementById(id).remove();
}

// The shares of the trials, the largest first: the fold models of a trial are one.
function sharesOf(members) {
  const shares = new Map();
  for (const { trial, weight } of members) shares.set(trial, (shares.get(trial) ?? 0) + weight);
  return [...shares].sort((one, other) => other[1] - one[1]);
}

function listed(texts) {
  const more = texts.length - MOST_MEMBERS;
  return texts.slice(0, MOST_MEMBERS).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

function drawEnsemble({ ensemble, run }) {
  if (!ensemble) return absent("ensemble");
  const shares = sharesOf(ensemble.members)
    .map(([trial, share]) => `trial ${trial} (${Math.round(100 * share)} %)`);
  return section("ensemble", `Ensemble of ${countOf(ensemble.members.length, "model")}`,
    element("p", { class: "soft" }, "The mean of the probabilities of models that were chosen for it, one after the other, on "
      + `validation rows: ${listed(shares)}. Its validation scores are of models that were not trained on those rows; it was chosen `
      + "by them, so they are kinder than those of test rows."),
    winnerTable(run.rank_by, ensemble));
}

function drawStacked({ stacked, run }) {
  if (!stacked) return absent("stacked");
  const trials = sharesOf(stacked.members).map(([trial]) => `trial ${trial}`);
  return section("stacked", `Stacked model of ${countOf(trials.length, "trial")}`,
    element("p", { class: "soft" }, "A logistic regression on the probabilities of the best of each family, "
      + `${listed(trials)}, fitted to validation rows. Its validation scores are cross-validated: each row is predicted by a `
      + "regression that was not fitted to it, on what models predict that were not trained on it."),
    winnerTable(run.rank_by, stacked));
}
