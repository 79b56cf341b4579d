// The families of the run: the best configuration of each beside the first.

const FAMILY_WHISKER = 84;

const SCORE_TITLES = { macro_f1: "macro F1", macro_recall: "macro recall", mcc: "MCC" };

function drawFamilies(report) {
  const { families } = report;
  if (families === null || families.rows.length === 0) return;
  const { scores, rows } = families;
  const hasTest = rows.some(({ test }) => test.some(({ mean }) => mean !== null));
  const parts = [["valid", "validation"], ...(hasTest ? [["test", "test"]] : [])];
  const all = element("div", { class: "box fit" });
  const show = (part) => all.replaceChildren(everyScore(scores, rows, part));
  section("families", "Families",
    element("p", { class: "soft" }, describeFamilies(report)),
    element("div", { class: "box fit" }, familyTable(report, parts)),
    element("p", { class: "soft after" }, describeDifferences(families, hasTest)),
    element("h3", { class: "after" }, "Every score"),
    element("p", { class: "soft" }, "Mean and standard deviation over the seeds and folds of the same configurations."),
    element("div", { class: "controls" }, chooser("on", [...parts].reverse(), parts.at(-1)[0], show)), all);
  show(parts.at(-1)[0]);
}

function describeFamilies({ families: { rows }, run, winner, table }) {
  const first = rows[0].family;
  const kept = winner?.settings[table.settings.indexOf("family")];
  const lost = rows.filter(({ trials, finished }) => finished < trials).map(({ family }) => family);
  return [
    `The configuration of each family with the best mean of ${run.rank_by} over its seeds and folds, the best family first; ± is one standard deviation.`,
    kept !== undefined && kept !== first
      ? `The winner above, a single trial, is of ${kept}; over all of its seeds ${first} is ahead.` : "",
    lost.length > 0 ? `Of ${lost.join(", ")} no configuration finished with every seed: the figures are of the trials that did.` : "",
    "The training time is that of one training on one fold, others running beside it; the prediction time is that of 1,000 prepared rows on one thread, by the model in families/.",
  ].filter(Boolean).join(" ");
}

function describeDifferences({ rows }, hasTest) {
  const first = rows[0].family;
  const pairs = rows.slice(1).map((row) => row.pairs ?? 0);
  if (pairs.length === 0 || Math.max(...pairs) === 0) return "The families have no seed and fold in common, so no difference is shown.";
  const on = hasTest ? "Test rows chose nothing, so their differences are the more honest ones. " : "";
  if (Math.max(...pairs) === 1) {
    return `Each family was trained once, so nothing tells a difference from ${first} from chance: give the grid folds, or several seeds. ${on}`;
  }
  return `Differences from ${first} are means over the same folds and seeds, below them the 95 % interval. All folds are cut from one table and share `
    + "train rows, so they are not independent: the interval is widened for that, and is still a guide and no proof. An interval that holds 0 "
    + `(grey) means that the order of the two families may be chance; new machines or new months can change it in any case. ${on}`;
}

function familyTable(report, parts) {
  const { families: { rows, ranked_by: ranked }, run, lower_is_better: falls } = report;
  const score = titleOf(run.rank_by.replace(/^valid_/, ""));
  const compared = parts.filter(([part]) => rows.some((row) => row[`${part}_difference`] !== null));
  const reach = reachOf(compared.flatMap(([part]) => rows.map((row) => row[`${part}_difference`])));
  const extents = Object.fromEntries(parts.map(([part]) => [part, extentOf(rows.map((row) => row[part][ranked].mean))]));
  const body = element("tbody", {}, ...rows.map((row) => element("tr", {},
    element("th", { scope: "row" }, row.family, element("small", {}, `trial ${row.trial}`)),
    element("td", { class: "settings" }, ownSettings(report, row)),
    ...parts.map(([part]) => meanCell(row[part][ranked], extents[part], falls)),
    ...compared.flatMap(([part]) => differenceCells(row[`${part}_difference`], reach)),
    element("td", { class: "number starts" }, timeText(row.seconds) ?? "–"),
    element("td", { class: "number", title: row.kept_trial === null ? null : `by the model of trial ${row.kept_trial}` },
      timeText(row.predict_seconds) ?? "–"))));
  const head = headerRow(["family", "settings"]);
  const line = head.firstElementChild;
  line.lastElementChild.classList.remove("number");
  const add = (text, attributes) => line.append(element("th", { scope: "col", ...attributes }, text));
  for (const [, name] of parts) add(`${name} ${score}`, { class: "number narrow" });
  for (const [, name] of compared) add(`${name} less that of ${rows[0].family}`, { class: "wrap starts", colspan: 2 });
  add("one training", { class: "number narrow starts" });
  add("predict 1,000 rows", { class: "number narrow" });
  return element("table", { class: "families" }, head, body);
}

function titleOf(score) {
  return SCORE_TITLES[score] ?? score;
}

// What the family's trials differ in; the variant where they differ in nothing.
function ownSettings(report, { family, settings }) {
  const own = [report, ...report.other_families].find((one) => one.explained_family === family);
  const varied = settings.filter(([name]) => own?.axes.some((axis) => axis.name === name));
  const shown = varied.length > 0 ? varied : settings.filter(([name]) => name === "variant");
  return shown.map(([name, value]) => `${name} ${value}`).join(", ");
}

function meanCell({ mean, std }, extent, falls) {
  if (mean === null) return element("td", { class: "number" }, "–");
  const [low, high] = extent;
  const share = high > low ? (mean - low) / (high - low) : 1;
  const cell = shade(element("td", {}, formatMetric(mean), std === null ? null : element("small", {}, `± ${std.toFixed(4)}`)),
    falls && high > low ? 1 - share : share);
  cell.classList.add("number");
  return cell;
}

function differenceCells(found, reach) {
  if (found === null) return [element("td", { class: "starts" }), element("td")];
  const { mean, interval, is_larger_than_noise: larger } = found;
  return [element("td", { class: "starts" }, whisker(found, reach, FAMILY_WHISKER)),
    element("td", { class: larger ? "number apart" : "number soft" }, signedText(mean),
      interval === null ? null : element("small", {}, `${signedText(interval[0])} to ${signedText(interval[1])}`))];
}

function everyScore(scores, rows, part) {
  const body = element("tbody", {}, ...rows.map((row) => element("tr", {}, element("th", { scope: "row" }, row.family),
    ...row[part].map(({ mean, std }) => element("td", { class: "number" }, mean === null ? "–" : formatMetric(mean),
      std === null ? null : element("small", {}, `± ${std.toFixed(4)}`))))));
  return element("table", { class: "families" }, headerRow(["family", ...scores.map(titleOf)]), body);
}
