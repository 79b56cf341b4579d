// The mean of several models, where the run made one.

const MOST_MEMBERS = 12;

function drawEnsemble({ ensemble, run }) {
  const place = document.getElementById("ensemble");
  if (!ensemble) {
    place.remove();
    return;
  }
  const members = [...ensemble.members].sort((one, other) => other.weight - one.weight);
  const shares = members.slice(0, MOST_MEMBERS).map(({ trial, weight }) => `trial ${trial} (${Math.round(100 * weight)} %)`);
  const more = members.length - shares.length;
  section("ensemble", `Ensemble of ${countOf(members.length, "model")}`,
    element("p", { class: "soft" }, "The mean of the probabilities of models that were chosen for it, one after the other, on "
      + `validation rows: ${shares.join(", ")}${more > 0 ? `, and ${more} more` : ""}. Its validation figures are what models say `
      + "that were not trained on those rows; it was chosen by them, so they are kinder than those of test rows."),
    winnerTable(run.rank_by, ensemble));
}
