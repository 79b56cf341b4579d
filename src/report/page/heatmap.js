// The score over two hyperparameters.

function drawHeatmap(report) {
  const map = { ...report.score_map, axes: report.axes };
  const { order } = map;
  const title = `${report.run.rank_by} over two settings`;
  if (order.length === 0) {
    section("heatmap", title, element("p", { class: "soft" }, report.slices.trials === 0
      ? "No trial finished, so there is no score to map."
      : "All finished trials share the same settings, so there is nothing to compare."),
    leftOut(map));
    return;
  }
  const model = { report, map, row: order[0], column: order[1] ?? order[0], measure: "best" };
  model.controls = element("div", { class: "controls" });
  model.box = element("div", { class: "box fit" });
  model.legend = element("p", { class: "ramp after" });
  section("heatmap", title, element("p", { class: "soft" }, describeChoice(report)),
    leftOut(map), model.controls, model.box, model.legend);
  redrawHeatmap(model);
}

function describeChoice({ axes, score_map: { order }, slices }) {
  return order.length === 1
    ? `Only ${axes[order[0]].name} varies between the ${countOf(slices.trials, "finished trial")}.`
    : "First shown are the two settings that the score depends on most.";
}

function leftOut(map) {
  return map.left_out.length === 0 ? null : element("p", { class: "soft" },
    `Not shown, because they take too many values: ${map.left_out.map((place) => map.axes[place].name).join(", ")}.`);
}

function redrawHeatmap(model) {
  const { map, controls } = model;
  const options = map.order.map((place) => [place, map.axes[place].name]);
  const change = (key, other) => (value) => {
    const chosen = Number(value);
    // Asking for the axis of the other side swaps the two.
    if (chosen === model[other]) model[other] = model[key];
    model[key] = chosen;
    redrawHeatmap(model);
  };
  const focused = [...controls.querySelectorAll("select")].indexOf(document.activeElement);
  controls.replaceChildren(...(map.order.length > 1 ? [
    chooser("rows", options, model.row, change("row", "column")),
    chooser("columns", options, model.column, change("column", "row"))] : []),
  chooser("cell", [["best", "best trial"], ["mean", "mean of trials"]], model.measure, (value) => {
    model.measure = value;
    redrawHeatmap(model);
  }));
  controls.querySelectorAll("select")[focused]?.focus();
  fillHeatmap(model);
}

// The cells of the chosen pair as a map from "row column"; pairs are stored once, so may be turned.
function cellsOf({ map, row, column }) {
  const alone = map.order.length === 1;
  const pair = map.pairs.find((pair) => alone || (pair.row === row && pair.column === column)
    || (pair.row === column && pair.column === row));
  const turned = !alone && pair.row !== row;
  return new Map(pair.cells.map((cell) =>
    [turned ? `${cell.column} ${cell.row}` : `${cell.row} ${cell.column}`, cell]));
}

function fillHeatmap(model) {
  const { map, measure, report } = model;
  const alone = map.order.length === 1;
  const cells = cellsOf(model);
  const across = map.axes[model.column];
  const down = alone ? { name: "", values: [""] } : map.axes[model.row];
  const [low, high] = extentOf([...cells.values()].map((cell) => cell[measure])) ?? [0, 0];
  const corner = element("th", {}, alone ? across.name : `${down.name} ↓  ${across.name} →`);
  const head = element("tr", {}, corner, ...across.values.map((value) =>
    element("th", { scope: "col", class: "number" }, value)));
  const body = element("tbody");
  down.values.forEach((value, row) => {
    const line = element("tr", {}, element("th", { scope: "row" }, alone ? report.run.rank_by : value));
    across.values.forEach((_, column) => {
      line.append(heatCell(cells.get(`${row} ${column}`), measure, low, high, report.lower_is_better));
    });
    body.append(line);
  });
  model.box.replaceChildren(element("table", { class: "cells" }, element("thead", {}, head), body));
  const [worse, better] = report.lower_is_better ? [high, low] : [low, high];
  model.legend.replaceChildren(`worse ${formatMetric(worse)}`, element("i"), `${formatMetric(better)} better`);
}

function heatCell(cell, measure, low, high, lowerIsBetter) {
  if (!cell) return element("td", { class: "empty" }, "–");
  const share = high > low ? (cell[measure] - low) / (high - low) : 1;
  return shade(element("td", { title: countOf(cell.trials, "trial") }, formatMetric(cell[measure])),
    lowerIsBetter && high > low ? 1 - share : share);
}
