// The curves of all sides: the mean over trainings, with a band of one standard deviation.

// More sides than this are not drawn unasked.
const FIRST_DRAWN = 8;

function drawCurves(found) {
  const { sides } = found;
  if (sides.every(({ curves }) => curves.epochs.length === 0)) {
    section("curves", "Training curves", element("p", { class: "soft" },
      "There are no curves to draw: curves.csv is not in the runs' folders."));
    return;
  }
  const model = { sides, split: "valid", quantity: "loss", drawn: new Set(sides.keys()) };
  for (const index of sides.keys()) if (index >= FIRST_DRAWN) model.drawn.delete(index);
  model.figure = fluid("training curves", (svg, width) => fillCurves(model, svg, width), 420);
  model.reader = makeReader(model.figure, {
    tell: ({ line, epoch, mean, deviation, trainings }) => [
      element("strong", {}, sides[line].name),
      element("div", {}, `epoch ${epoch}: ${formatMetric(mean)}${trainings > 1 ? ` ± ${formatMetric(deviation)}` : ""}`),
      element("div", { class: "soft" }, countOf(trainings, "training")),
    ],
    turn: () => restyleCurves(model),
  });
  const redraw = (key) => (value) => { model[key] = value; model.figure.redraw(); };
  section("curves", "Training curves",
    element("p", { class: "soft" }, describeCurves(model)),
    element("div", { class: "controls" },
      chooser("draw", [["loss", "loss"], ["accuracy", "accuracy"]], "loss", redraw("quantity")),
      chooser("on", [["train", "train"], ["valid", "validation"], ["test", "test"]], "valid", redraw("split"))),
    model.figure,
    element("div", { class: "sides" }, ...sides.map(({ name }, index) => sideSwitch(model, name, index))));
}

function describeCurves({ sides, drawn }) {
  const all = sides.map(({ curves }) => curves);
  const stride = Math.max(...all.map((curves) => curves.stride));
  const stops = all.some(({ trainings }) => trainings.some((count) => count !== trainings[0]));
  return [
    "Each line is the mean over a side's trials, folds and seeds, its band one standard deviation.",
    stops ? "Where some trainings stop earlier, the mean goes on over the others." : "",
    stride > 1 ? `Not every epoch is drawn: one of ${stride} where there are most.` : "",
    drawn.size < sides.length ? `First drawn are ${FIRST_DRAWN} of ${sides.length} sides.` : "",
    "Point at a line to read it; arrow keys read it too.",
  ].filter(Boolean).join(" ");
}

function sideSwitch(model, name, index) {
  const box = element("input", { type: "checkbox" });
  box.checked = model.drawn.has(index);
  box.addEventListener("change", () => {
    if (box.checked) model.drawn.add(index);
    else model.drawn.delete(index);
    model.figure.redraw();
  });
  return element("label", { class: hueOf(index) }, box, element("span", { class: "swatch" }), name);
}

function fillCurves(model, svg, width) {
  const { sides, drawn, quantity, split } = model;
  const name = `${split}_${quantity}`;
  svg.setAttribute("aria-label", `${name} by epoch, ${countOf(drawn.size, "side")}`);
  const lines = [...sides.keys()].filter((index) => drawn.has(index)).map((index) => bandOf(sides[index].curves, name, index));
  const points = [];
  model.marks = [];
  const layout = layOutChart(lines.flatMap(({ epochs, values, low, high }) => [
    { epochs, values },
    { epochs, values: high },
    // On a log scale a band may reach below all that is drawn.
    { epochs, values: quantity === "loss" ? low.map((value) => (value > 0 ? value : null)) : low },
  ]), quantity, width);
  if (layout === null) {
    svg.append(shape("text", { x: width / 2, y: CHART.height / 2, "text-anchor": "middle" },
      drawn.size === 0 ? "no side is chosen" : `no finite ${name} to draw`));
  } else {
    const scales = makeScales(layout);
    drawPlane(svg, layout, scales, name.replace("_", " "));
    const inside = (value) => Math.min(Math.max(value, layout.y[0]), layout.y[1]);
    for (const line of lines) svg.append(shape("path", { class: `band ${hueOf(line.index)}`, d: areaOf(line, scales, inside) }));
    // The first side lies on top.
    for (const line of [...lines].reverse()) {
      const mark = shape("path", { d: pathOf(line, scales) });
      model.marks.push({ index: line.index, mark });
      svg.append(mark);
      line.epochs.forEach((epoch, place) => {
        const mean = line.values[place];
        if (mean === null) return;
        points.push({ line: line.index, epoch, mean, deviation: line.deviations[place],
          trainings: line.trainings[place], x: scales.x(epoch), y: scales.y(mean) });
      });
    }
  }
  model.reader.reset(points);
  restyleCurves(model);
  return CHART.height;
}

function bandOf({ epochs, trainings, means, deviations }, name, index) {
  const values = means[name];
  const reach = (sign) => values.map((mean, place) => mean === null ? null : mean + sign * (deviations[name][place] ?? 0));
  return { index, epochs, trainings, values, deviations: deviations[name], low: reach(-1), high: reach(1) };
}

// One closed area for each stretch without a gap.
function areaOf({ epochs, values, low, high }, scales, inside) {
  const areas = [];
  let stretch = [];
  const close = () => {
    if (stretch.length > 1) {
      const edge = (side) => stretch.map((place) => `${scales.x(epochs[place]).toFixed(1)} ${scales.y(inside(side[place])).toFixed(1)}`);
      areas.push(`M${[...edge(high), ...edge(low).reverse()].join("L")}Z`);
    }
    stretch = [];
  };
  values.forEach((value, place) => (value === null ? close() : stretch.push(place)));
  close();
  return areas.join("");
}

function restyleCurves({ marks, reader }) {
  const near = reader.point?.line;
  for (const { index, mark } of marks) mark.setAttribute("class", `side ${hueOf(index)}${index === near ? " near" : ""}`);
}
