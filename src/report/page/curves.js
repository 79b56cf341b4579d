// The curves of the best trials, with the nearest point named under the pointer.

const REACH_PX = 70;

function drawCurves(report, selection) {
  if (report.curves.length === 0) {
    section("curves", "Training curves", element("p", { class: "soft" },
      "There are no curves to draw: no trial has a rank, or curves.csv is not in the run folder."));
    return;
  }
  const model = { report, selection, split: "valid", quantity: "loss", near: null };
  model.figure = element("figure");
  model.svg = shape("svg", { role: "img" });
  model.tip = element("div", { class: "tip", hidden: "" });
  model.figure.append(model.svg, model.tip);
  model.message = element("p", { class: "soft after", "aria-live": "polite" });
  const redraw = (key) => (value) => { model[key] = value; redrawCurves(model); };
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
  model.figure.addEventListener("pointermove", (event) => pointAt(model, event));
  model.figure.addEventListener("pointerleave", () => leave(model));
  model.figure.addEventListener("click", () => {
    if (model.near !== null) selection.choose(model.near.curve.trial);
  });
  selection.onChange(() => restyleCurves(model));
  // In the next frame: a chart drawn within the observer's own call can change the size once more,
  // which browsers report as an error.
  const follow = () => {
    if (model.width !== widthOf(model.figure)) redrawCurves(model);
  };
  new ResizeObserver(() => requestAnimationFrame(follow)).observe(model.figure);
  redrawCurves(model);
}

// The chart is drawn at the width of its place, so that its text keeps its size.
function widthOf(figure) {
  return Math.max(420, Math.floor(figure.clientWidth));
}

function describeCurves(report) {
  const folds = Math.max(...report.curves.map((curve) => curve.folds));
  const stride = Math.max(...report.curves.map((curve) => curve.stride));
  const shown = report.curves.length;
  return [
    shown === 1 ? "The one trial with a rank." : `The best ${shown} trials.`,
    folds > 1 ? `Each curve is the mean over ${folds} folds.` : "",
    stride > 1 ? `Every ${stride}th epoch is drawn.` : "",
    "Point at a curve to read it, click to mark its row.",
  ].filter(Boolean).join(" ");
}

function redrawCurves(model) {
  const { svg, report } = model;
  const name = `${model.split}_${model.quantity}`;
  const lines = report.curves.map((curve) =>
    ({ curve, epochs: curve.epochs, values: curve.series[name] }));
  leave(model);
  model.width = widthOf(model.figure);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${model.width} ${CHART.height}`);
  svg.setAttribute("width", model.width);
  svg.setAttribute("aria-label", `${name} by epoch, ${countOf(lines.length, "trial")}`);
  model.points = [];
  model.marks = [];
  const layout = layOutChart(lines, model.quantity, model.width);
  if (layout === null) {
    svg.append(shape("text", { x: model.width / 2, y: CHART.height / 2, "text-anchor": "middle" },
      `no finite ${name} to draw`));
    return;
  }
  const scales = makeScales(layout);
  drawPlane(svg, layout, scales, name.replace("_", " "));
  // Worst first, so that the best lie on top.
  for (const line of [...lines].reverse()) addCurve(model, line, scales);
  model.pointer = shape("circle", { class: "pointer", r: 6, visibility: "hidden" });
  svg.append(model.pointer);
  restyleCurves(model);
}

function addCurve(model, line, scales) {
  const finite = line.values.filter((value) => value !== null).length;
  if (finite === 0) return;
  line.epochs.forEach((epoch, index) => {
    const value = line.values[index];
    if (value !== null) {
      model.points.push({ curve: line.curve, epoch, value, x: scales.x(epoch), y: scales.y(value) });
    }
  });
  const last = model.points[model.points.length - 1];
  const mark = finite === 1 ? shape("circle", { cx: last.x, cy: last.y, r: 5 })
    : shape("path", { d: pathOf(line, scales) });
  model.marks.push({ trial: line.curve.trial, mark, kind: finite === 1 ? "dot" : "curve" });
  model.svg.append(mark);
}

function restyleCurves(model) {
  const { trial } = model.selection;
  const winner = model.report.winner?.trial;
  const near = model.near?.curve.trial;
  for (const { trial: own, mark, kind } of model.marks) {
    const state = own === trial ? "chosen" : own === near ? "near" : own === winner ? "wins" : "";
    mark.setAttribute("class", `${kind} ${state}`);
    if (state === "chosen") model.svg.insertBefore(mark, model.pointer);
  }
  const drawn = model.report.curves.some((curve) => curve.trial === trial);
  model.message.textContent = trial === null || drawn ? ""
    : `Trial ${trial} is marked in the table, but it is not among the trials whose curves this page holds.`;
}

function pointAt(model, event) {
  const frame = model.svg.getBoundingClientRect();
  const scale = model.width / frame.width;
  const x = (event.clientX - frame.left) * scale;
  const y = (event.clientY - frame.top) * scale;
  let near = null;
  let least = REACH_PX ** 2;
  for (const point of model.points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) [near, least] = [point, distance];
  }
  if (near === null) {
    leave(model);
    return;
  }
  const moved = model.near?.curve !== near.curve;
  model.near = near;
  if (moved) restyleCurves(model);
  showTip(model, near, scale);
}

function showTip(model, near, scale) {
  const { curve } = near;
  const { tip, pointer, report } = model;
  pointer.setAttribute("cx", near.x);
  pointer.setAttribute("cy", near.y);
  pointer.setAttribute("visibility", "visible");
  tip.replaceChildren(
    element("strong", {}, `trial ${curve.trial}, rank ${curve.rank ?? "–"}`),
    element("div", {}, `epoch ${near.epoch}: ${formatMetric(near.value)}`),
    ...report.varying.map((name, index) =>
      element("div", { class: "soft" }, `${name} ${curve.settings[index]}`)));
  tip.hidden = false;
  const [left, top] = [near.x / scale, near.y / scale];
  const { offsetWidth: width, offsetHeight: height } = tip;
  const room = model.figure.clientWidth;
  tip.style.left = `${left + 16 + width > room ? Math.max(0, left - width - 16) : left + 16}px`;
  tip.style.top = `${Math.min(Math.max(0, top - height / 2), Math.max(0, model.figure.clientHeight - height))}px`;
}

function leave(model) {
  const had = model.near !== null;
  model.near = null;
  model.tip.hidden = true;
  model.pointer?.setAttribute("visibility", "hidden");
  if (had) restyleCurves(model);
}
