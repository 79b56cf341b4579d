// The curves of the best trials, with the nearest point named under the pointer.

function drawCurves(report, selection) {
  if (report.curves.length === 0) {
    section("curves", "Training curves", element("p", { class: "soft" },
      "There are no curves to draw: no trial has a rank, or curves.csv is not in the run folder."));
    return;
  }
  const model = { report, selection, split: "valid", quantity: "loss" };
  model.figure = fluid("training curves", (svg, width) => fillCurves(model, svg, width), 420);
  model.reader = makeReader(model.figure, {
    tell: (point) => tellCurve(model, point),
    turn: () => restyleCurves(model),
    choose: ({ line }) => selection.choose(line.trial),
  });
  model.message = element("p", { class: "soft after", "aria-live": "polite" });
  const redraw = (key) => (value) => { model[key] = value; model.figure.redraw(); };
  const winner = report.winner?.trial;
  section("curves", "Training curves",
    element("p", { class: "soft" }, describeCurves(report)),
    element("div", { class: "controls" },
      chooser("draw", [["loss", "loss"], ["accuracy", "accuracy"]], "loss", redraw("quantity")),
      chooser("on", [["train", "train"], ["valid", "validation"], ["test", "test"]], "valid", redraw("split"))),
    model.figure,
    element("div", { class: "key" },
      winner === undefined ? null : element("span", { class: "wins" }, `winner, trial ${winner}`),
      element("span", { class: "chosen" }, "the row marked in the table"),
      element("span", {}, "other trials")),
    model.message);
  selection.onChange(() => restyleCurves(model));
}

function describeCurves(report) {
  const folds = Math.max(...report.curves.map((curve) => curve.folds));
  const stride = Math.max(...report.curves.map((curve) => curve.stride));
  const shown = report.curves.length;
  return [
    shown === 1 ? "The one trial with a rank." : `The best ${shown} trials.`,
    folds > 1 ? `Each curve is the mean over ${folds} folds.` : "",
    stride > 1 ? `Every ${stride}th epoch is drawn.` : "",
    "Point at a curve to read it, click to mark its row; arrow keys read it too.",
  ].filter(Boolean).join(" ");
}

function fillCurves(model, svg, width) {
  const { report, reader } = model;
  const name = `${model.split}_${model.quantity}`;
  const lines = report.curves.map((curve) =>
    ({ curve, epochs: curve.epochs, values: curve.series[name] }));
  svg.setAttribute("aria-label", `${name} by epoch, ${countOf(lines.length, "trial")}`);
  const points = [];
  model.marks = [];
  const layout = layOutChart(lines, model.quantity, width);
  if (layout === null) {
    svg.append(shape("text", { x: width / 2, y: CHART.height / 2, "text-anchor": "middle" },
      `no finite ${name} to draw`));
  } else {
    const scales = makeScales(layout);
    drawPlane(svg, layout, scales, name.replace("_", " "));
    // Worst first, so that the best lie on top.
    for (const line of [...lines].reverse()) points.push(...addCurve(model, svg, line, scales));
  }
  reader.reset(points);
  restyleCurves(model);
  return CHART.height;
}

function addCurve(model, svg, line, scales) {
  const points = line.epochs.flatMap((epoch, index) => {
    const value = line.values[index];
    return value === null ? [] : [{ line: line.curve, epoch, value, x: scales.x(epoch), y: scales.y(value) }];
  });
  if (points.length === 0) return points;
  const [first] = points;
  const mark = points.length === 1 ? shape("circle", { cx: first.x, cy: first.y, r: 5 })
    : shape("path", { d: pathOf(line, scales) });
  model.marks.push({ trial: line.curve.trial, mark, kind: points.length === 1 ? "dot" : "curve" });
  svg.append(mark);
  return points;
}

function restyleCurves(model) {
  const { trial } = model.selection;
  const winner = model.report.winner?.trial;
  const near = model.reader.point?.line.trial;
  for (const { trial: own, mark, kind } of model.marks) {
    const state = own === trial ? "chosen" : own === near ? "near" : own === winner ? "wins" : "";
    mark.setAttribute("class", `${kind} ${state}`);
    if (state === "chosen") mark.parentNode.insertBefore(mark, model.reader.ring);
  }
  const drawn = model.report.curves.some((curve) => curve.trial === trial);
  model.message.textContent = trial === null || drawn ? ""
    : `Trial ${trial} is marked in the table, but it is not among the trials whose curves this page holds.`;
}

function tellCurve({ report }, { line: curve, epoch, value }) {
  return [
    element("strong", {}, `trial ${curve.trial}, rank ${curve.rank ?? "–"}`),
    element("div", {}, `epoch ${epoch}: ${formatMetric(value)}`),
    ...report.varying.map((name, index) =>
      element("div", { class: "soft" }, `${name} ${curve.settings[index]}`)),
  ];
}
