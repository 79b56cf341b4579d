// The sides, and their scores beside those of the first.

// The colour of a side; from the ninth on the colours come again, dashed.
function hueOf(index) {
  return `hue-${index % 8}${index >= 8 ? " again" : ""}`;
}

function drawHead({ sides, rank_by: rankBy }) {
  const names = sides.map(({ name }) => name);
  document.title = `${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""} – forewarn compare`;
  document.getElementById("top").append(
    element("h1", {}, `${names[0]} beside ${names.length === 2 ? names[1] : countOf(names.length - 1, "other")}`),
    element("p", { class: "soft" }, `Each side is the mean over its seeds and folds; runs rank by ${rankBy}.`));
}

function drawSides({ sides, notes }) {
  const named = sides.some(({ family }) => family !== null);
  const body = element("tbody", {}, ...sides.map(({ name, run, family, trials, differing }, index) =>
    element("tr", { class: hueOf(index) },
      element("th", { scope: "row" }, element("span", { class: "swatch" }), name),
      element("td", {}, run),
      named ? element("td", {}, family ?? "–") : null,
      element("td", { class: "wide-cell" }, trials.join(", ")),
      element("td", { class: "wide-cell" }, differing.join("; ") || "–"))));
  const heads = ["side", "run", ...(named ? ["family"] : []), "trials", `settings other than those of ${sides[0].name}`];
  section("sides", "Sides",
    element("div", { class: "box" }, element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), body)),
    element("ul", { class: "soft after" }, ...notes.map((note) => element("li", {}, `${note[0].toUpperCase()}${note.slice(1)}.`))));
}

function drawScores(found) {
  section("scores", "Scores", ...found.scores.flatMap((score) => scoreTable(found, score)));
}

function scoreTable({ sides, judged }, { title, is_ranked_by: ranks, rows }) {
  const number = (value, sign = "") => element("td", { class: "number" },
    value === null ? "–" : `${value > 0 || Object.is(value, 0) ? sign : ""}${value.toFixed(4)}`);
  const reach = reachOf(rows.map(({ difference }) => difference));
  const isPaired = rows.some(({ difference }) => difference !== null);
  const body = element("tbody", {}, ...rows.map(({ means: [train, valid, test], difference }, index) =>
    element("tr", { class: hueOf(index) },
      element("th", { scope: "row" }, element("span", { class: "swatch" }), sides[index].name),
      number(train), number(valid), number(test),
      number(train === null ? null : train - (judged === "test" ? test : valid), "+"),
      ...(isPaired ? [element("td", {}, difference === null ? null : whisker(difference, reach)),
        element("td", { class: difference?.is_larger_than_noise ? "apart" : "soft" }, difference?.text ?? "")] : []))));
  const judgedRows = judged === "test" ? "test" : "validation";
  const head = headerRow(["side", "train", "validation", "test", `train − ${judgedRows}`]);
  if (isPaired) head.firstElementChild.append(element("th", { scope: "col", colspan: 2 }, `${judgedRows} less that of ${sides[0].name}`));
  return [element("h3", { class: "after" }, `${title}${ranks ? ", which ranks" : ""}`),
    element("div", { class: "box fit" }, element("table", {}, head, body))];
}
