// The ranked table of trials: sorting, choosing columns, choosing a trial.

// One chosen trial, shared by the table and the curves.
function makeSelection() {
  const listeners = [];
  let chosen = null;
  return {
    get trial() { return chosen; },
    choose(trial) {
      chosen = trial === chosen ? null : trial;
      listeners.forEach((listener) => listener(chosen));
    },
    onChange(listener) { listeners.push(listener); },
  };
}

function drawRanking(report, selection) {
  const { table } = report;
  const shown = table.rows.length;
  const model = {
    report,
    selection,
    rows: table.rows.map((cells) => ({ cells, trial: Number(cells[table.columns.indexOf("trial")]) })),
    columns: briefColumns(report),
    sort: { column: table.columns.indexOf("rank"), ascending: true },
    elements: new Map(),
    focus: null,
  };
  const box = element("div", { class: "box tall", role: "region", "aria-label": "ranked trials" });
  const every = element("input", { type: "checkbox" });
  every.addEventListener("change", () => {
    model.columns = every.checked ? shownColumns(report) : briefColumns(report);
    buildTable(model, box);
  });
  section("ranking", "Trials, best first",
    element("p", { class: "soft" }, shown < table.total
      ? `The best ${formatCount(shown)} of ${formatCount(table.total)} trials; trials.csv holds all of them.`
      : `${countOf(shown, "trial")}.`,
    " Click a heading to sort, a row to mark its curve below."),
    describeLead(report),
    element("div", { class: "controls" }, element("label", {}, every, "show every column")),
    box,
    shown > 40 ? element("p", { class: "only-print soft" }, "Printed: the first 40 rows of the table.") : null);
  buildTable(model, box);
  selection.onChange((trial) => markRow(model, box, trial));
}

// A deviation stands beside its mean and not in a column.
function shownColumns({ table }) {
  return table.columns.flatMap((name, index) => (name.endsWith("_std") ? [] : [index]));
}

// Where folds move the best trial's score by more than its lead, that is said.
function describeLead({ table, run }) {
  const at = (name) => table.columns.indexOf(name);
  const [best, second] = ["1", "2"].map((rank) => table.rows.find((cells) => cells[at("rank")] === rank));
  if (!best || !second) return null;
  const deviation = numberOf(best[at(`${run.rank_by}_std`)]);
  const lead = Math.abs(numberOf(best[at(run.rank_by)]) - numberOf(second[at(run.rank_by)]));
  if (deviation === null || lead >= deviation) return null;
  return element("p", { class: "warning" },
    `The best trial leads the second by ${lead.toFixed(4)} in ${run.rank_by}, and its score deviates by `
    + `${deviation.toFixed(4)} from fold to fold: their order may be chance.`);
}

// What the eye needs first: the settings that vary and the scores that decide.
function briefColumns(report) {
  const { columns } = report.table;
  const metric = report.run.rank_by.replace(/^(train|valid|test)_/, "");
  const wanted = ["rank", "trial", "status", report.run.rank_by, ...report.varying, "best_epoch"];
  for (const split of ["valid", "test"]) {
    for (const name of [metric, "accuracy", "loss"]) wanted.push(`${split}_${name}`);
  }
  wanted.push("seconds");
  return [...new Set(wanted)].map((name) => columns.indexOf(name)).filter((index) => index >= 0);
}

function buildTable(model, box) {
  const { columns, settings } = model.report.table;
  model.numeric = columns.map((_, index) => isNumberColumn(model.rows, index));
  model.isMetric = columns.map((name) => /^(train|valid|test)_/.test(name) || name === "seconds");
  const head = element("tr");
  for (const index of model.columns) {
    const button = element("button", { type: "button" }, columns[index]);
    button.addEventListener("click", () => sortBy(model, index));
    const kind = model.numeric[index] && !settings.includes(columns[index]) ? "number" : null;
    head.append(element("th", { scope: "col", class: kind, "data-column": index }, button));
  }
  model.head = head;
  model.body = element("tbody");
  model.body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row) model.selection.choose(Number(row.dataset.trial));
  });
  model.body.addEventListener("keydown", (event) => walkRows(model, event));
  model.elements.clear();
  model.rows.forEach((row) => model.elements.set(row.trial, makeRow(model, row)));
  box.replaceChildren(element("table", { role: "grid" }, element("thead", {}, head), model.body));
  orderRows(model);
  markRow(model, box, model.selection.trial);
}

function makeRow(model, row) {
  const { report } = model;
  const { columns, settings } = report.table;
  const unfinished = row.cells[columns.indexOf("status")] !== "finished";
  const wins = report.winner !== null && report.winner.trial === row.trial;
  const cells = model.columns.map((index) => {
    const text = row.cells[index];
    const number = model.isMetric[index] ? numberOf(text) : null;
    const deviation = numberOf(row.cells[columns.indexOf(`${columns[index]}_std`)]);
    const spread = deviation === null ? "" : ` ± ${deviation.toFixed(4)}`;
    const kind = model.numeric[index] && !settings.includes(columns[index]) ? "number" : null;
    return element("td", { class: kind }, number === null ? text || "–" : formatMetric(number) + spread);
  });
  return element("tr", { tabindex: -1, "data-trial": row.trial, class: unfinished ? "unfinished" : wins ? "wins" : null }, ...cells);
}

function isNumberColumn(rows, index) {
  return rows.every(({ cells }) => cells[index] === "" || isNumberText(cells[index]));
}

function sortBy(model, index) {
  const name = model.report.table.columns[index];
  const risesFirst = !model.isMetric[index] || name.endsWith("loss") || name === "seconds";
  const again = model.sort.column === index;
  model.sort = { column: index, ascending: again ? !model.sort.ascending : risesFirst };
  orderRows(model);
}

function orderRows(model) {
  const { column, ascending } = model.sort;
  const compare = model.numeric[column] ? compareNumbers : compareTexts;
  const order = [...model.rows].sort((a, b) => compare(a.cells[column], b.cells[column], ascending));
  model.body.append(...order.map((row) => model.elements.get(row.trial)));
  for (const cell of model.head.children) {
    const sorted = Number(cell.dataset.column) === column;
    cell.setAttribute("aria-sort", sorted ? (ascending ? "ascending" : "descending") : "none");
  }
  moveFocus(model, model.body.firstElementChild, false);
}

// Cells without a number come last in both directions.
function compareNumbers(a, b, ascending) {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x === null || y === null) return (x === null) - (y === null);
  return ascending ? x - y : y - x;
}

function compareTexts(a, b, ascending) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const order = a.localeCompare(b, "en", { numeric: true });
  return ascending ? order : -order;
}

// One row takes part in the tab order; the arrow keys move it.
function moveFocus(model, row, now) {
  if (!row) return;
  model.focus?.setAttribute("tabindex", "-1");
  model.focus = row;
  row.setAttribute("tabindex", "0");
  if (now) row.focus();
}

function walkRows(model, event) {
  const row = event.target.closest("tr");
  if (!row) return;
  const moves = {
    ArrowDown: () => moveFocus(model, row.nextElementSibling, true),
    ArrowUp: () => moveFocus(model, row.previousElementSibling, true),
    Home: () => moveFocus(model, model.body.firstElementChild, true),
    End: () => moveFocus(model, model.body.lastElementChild, true),
    Enter: () => model.selection.choose(Number(row.dataset.trial)),
    " ": () => model.selection.choose(Number(row.dataset.trial)),
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  move();
}

function markRow(model, box, trial) {
  for (const [number, row] of model.elements) {
    if (number === trial) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
  }
  const row = model.elements.get(trial);
  if (!row) return;
  moveFocus(model, row, false);
  const head = model.head.offsetHeight;
  const hidden = row.offsetTop < box.scrollTop + head
    || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight;
  // Scrolls the box and not the page: the reader may be at the curves.
  if (hidden) box.scrollTop = row.offsetTop - head - box.clientHeight / 3;
}
