// The tables: columns, first and last rows, classes, outliers.

const ODDITIES = {
  empty: "holds nothing",
  constant: "constant",
  counts: "counts the rows",
  names: "a value of its own in every row",
};

function drawHead(found) {
  document.title = `${found.source} – forewarn`;
  document.getElementById("top").append(
    element("h1", {}, found.source),
    element("p", { class: "soft" }, "A first look at the table"),
    facts("facts", [
      ["Rows", formatCount(found.rows)],
      ["Columns", formatCount(found.all_columns)],
      ["In memory", `${shortNumber(Number((found.bytes / 1e6).toPrecision(3)))} MB`],
      ["Missing cells", formatCount(found.missing_cells)],
      ["Rows that repeat an earlier one", formatCount(found.duplicates)],
      ["Target", found.target?.name],
      ["Time", found.series?.name],
    ]),
    element("p", { class: "soft after" }, "SHA-256 ", element("code", {}, found.sha256)));
}

function drawWarnings(found) {
  const lists = [["warning", found.warnings], [null, found.repairs]].filter(([, list]) => list.length > 0);
  if (lists.length === 0) return;
  section("warnings", "To beware of", ...lists.map(([className, list]) =>
    element("ul", { class: className }, ...list.map((text) => element("li", {}, text)))));
}

function drawColumns(found) {
  const judged = found.columns.some((column) => column.tells !== null);
  const heads = ["column", "kind", "non-missing", "missing", "distinct", judged ? "tells alone" : null,
    "mean", "std", "min", "25 %", "50 %", "75 %", "max", "outliers"].filter(Boolean);
  const number = (text) => element("td", { class: "number" }, text);
  const body = element("tbody");
  for (const column of found.columns) {
    const { numbers } = column;
    const figures = ["mean", "std", "min", "q25", "q50", "q75", "max"];
    body.append(element("tr", {}, element("th", { scope: "row" }, column.name),
      element("td", {}, column.kind), number(formatCount(column.present)), number(formatCount(column.missing)),
      number(formatCount(column.distinct)),
      judged ? number(column.tells === null ? "–" : column.tells.mcc.toFixed(3)) : null,
      ...(numbers === null
        ? [element("td", { colspan: 8, class: "soft long" }, describeLabels(column))]
        : [...figures.map((key) => number(shortNumber(numbers[key]))), number(formatCount(numbers.outliers))])));
  }
  const head = headerRow(heads);
  head.querySelectorAll("th")[1].classList.remove("number");
  section("columns", "Columns", element("p", { class: "soft" }, [
    leftOutOf(found.columns.length, found.all_columns, "column"),
    "Deviations are with n − 1, quantiles linear; outliers lie beyond 1.5 interquartile ranges.",
    judged ? "“Tells alone” is the best Matthews correlation of one cut of the column, or of one set of its "
      + "labels, with a class of the target: 0.9 or more is called a leak." : "",
  ].filter(Boolean).join(" ")), element("div", { class: "box tall" }, element("table", {}, head, body)));
}

function leftOutOf(shown, all, noun) {
  return shown < all ? `The first ${formatCount(shown)} of ${countOf(all, noun)}.` : "";
}

function describeLabels(column) {
  const parts = column.top.slice(0, 5).map(({ name, rows }) => `${cut(name, 40)} ${formatCount(rows)}`);
  if (column.oddity !== null) return ODDITIES[column.oddity];
  return parts.join(", ") + (column.distinct > parts.length && parts.length > 0 ? ", …" : "");
}

function drawRows(found) {
  const body = element("tbody");
  const add = (number, cells) => body.append(element("tr", {}, element("th", { scope: "row" }, number),
    ...cells.map((cell) => element("td", { class: cell === null ? "soft" : null }, cell ?? "–"))));
  found.head.forEach((cells, index) => add(formatCount(index + 1), cells));
  const first = found.rows - found.tail.length + 1;
  if (first > found.head.length + 1) add("…", found.head[0].map(() => "…"));
  found.tail.forEach((cells, index) => add(formatCount(first + index), cells));
  const head = element("thead", {}, element("tr", {}, ...["row", ...found.head_columns].map((name) =>
    element("th", { scope: "col" }, name))));
  const note = leftOutOf(found.head_columns.length, found.all_columns, "column");
  section("rows", "First and last rows", note ? element("p", { class: "soft" }, note) : null,
    element("div", { class: "box" }, element("table", {}, head, body)));
}

function drawOutliers(found) {
  const worst = found.columns.filter((column) => column.numbers?.outliers > 0)
    .sort((one, other) => other.numbers.outliers - one.numbers.outliers).slice(0, 30);
  if (worst.length === 0) return;
  const classes = found.target?.classes ?? [];
  const shown = classes.map((one, index) => ({ ...one, index })).slice(0, 20);
  const number = (text) => element("td", { class: "number" }, text);
  const body = element("tbody");
  for (const column of worst) {
    const { outliers } = column.numbers;
    body.append(element("tr", {}, element("th", { scope: "row" }, column.name), number(formatCount(outliers)),
      number(percent(outliers / column.present)),
      ...shown.map(({ index }) => number(formatCount(column.outliers[index])))));
  }
  const taken = found.outliers;
  body.append(element("tr", { class: "ranked-by" }, element("th", { scope: "row" }, "rows with one"),
    number(formatCount(taken.rows)), number(percent(taken.rows / found.rows)),
    ...shown.map(({ index, rows }) => number(`${formatCount(taken.by_class[index])} of ${formatCount(rows)}`))));
  section("outliers", "Outliers", element("p", { class: "soft" },
    "Numbers beyond 1.5 interquartile ranges from the quartiles, by class of the target. The last line counts "
    + "rows with one in any column but the target and those whose quartiles are equal: what dropping outliers would take."),
  element("div", { class: "box" }, element("table", {},
    headerRow(["column", "values", "share", ...shown.map(({ name }) => name)]), body)));
}
