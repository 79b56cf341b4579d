// ROC, precision-recall and cumulative gain curves of the winner, one class against the rest.

const CLASS_CURVES = [
  { key: "roc", title: "ROC", xName: "false positive rate", yName: "true positive rate" },
  { key: "precision_recall", title: "Precision and recall", xName: "recall", yName: "precision", diagonal: false, steps: true },
  { key: "cumulative_gain", title: "Cumulative gain", xName: "share of the rows, most probable first", yName: "share of the class found" },
];

function drawClassCurves({ diagnostics: found }) {
  if (!found || found.parts.length === 0) {
    document.getElementById("class-curves").remove();
    return;
  }
  const place = element("div", {});
  const show = (part) => place.replaceChildren(
    element("div", { class: "squares" }, ...CLASS_CURVES.map((kind) => drawCurvesOf(found, part, kind))),
    element("div", { class: "box fit" }, curvesLegend(found, part)));
  const controls = choosePart(found.parts, show);
  section("class-curves", "ROC, precision-recall and gain curves",
    element("p", { class: "soft" }, describeClassCurves(found)), controls, place);
}

function describeClassCurves({ classes, of_classes: all, chosen_on: part }) {
  const chosen = part === null ? "" : ` Of ${formatCount(all)} classes the ${classes.length} with the lowest average precision on `
    + `${SPLITS.find(([key]) => key === part)[1]} rows are drawn, the lowest first; best/roc.csv and its kin have all.`;
  return "The winner's probability of each class, against all others. The dashed diagonal is guessing; for precision, guessing is the class's "
    + "share of the rows, the dash beyond the right edge. Rows of one probability are one step."
    + `${chosen} Point at a curve to read its threshold; arrow keys read it too.`;
}

function drawCurvesOf(found, part, kind) {
  const drawn = part.classes.filter((one) => one[kind.key].length > 0);
  const marks = new Map();
  const figure = fluid(`${kind.title} by class`, (svg, width) => {
    const plane = drawUnitPlane(svg, width, kind);
    const points = [];
    // The first lies on top.
    for (const one of [...drawn].reverse()) {
      const mark = shape("path", { d: curvePath(one[kind.key], kind, plane) });
      marks.set(one, mark);
      svg.append(mark);
      if (kind.key === "precision_recall" && one.rows > 0 && part.rows > 0) {
        const y = plane.y(one.rows / part.rows);
        svg.append(shape("line", { class: `of-class hue-${one.place}`, x1: plane.x(1) + 1, x2: plane.x(1) + 9, y1: y, y2: y }));
      }
      points.push(...one[kind.key].map(([x, y, threshold]) =>
        ({ line: one, share: [x, y], threshold, x: plane.x(x), y: plane.y(y) })));
    }
    restyle();
    reader.reset(points);
    return plane.height;
  });
  const restyle = () => {
    for (const [one, mark] of marks) {
      mark.setAttribute("class", `of-class hue-${one.place}${reader.point?.line === one ? " near" : ""}`);
    }
  };
  const reader = makeReader(figure, {
    turn: restyle,
    tell: ({ line, share, threshold }) => [
      element("strong", {}, found.classes[line.place]),
      element("div", {}, `${kind.yName} ${share[1].toFixed(4)}`),
      element("div", {}, `${kind.xName.split(",")[0]} ${share[0].toFixed(4)}`),
      element("div", { class: "soft" }, threshold === null ? "before the first row" : `probability ≥ ${shortNumber(threshold)}`),
    ],
  });
  return element("div", {}, element("h3", {}, kind.title), figure);
}

function curvePath(points, { steps }, { x, y }) {
  return points.map(([across, up], index) => {
    const [left, top] = [x(across).toFixed(1), y(up).toFixed(1)];
    if (index === 0) return `M${left} ${top}`;
    return steps ? `V${top}H${left}` : `L${left} ${top}`;
  }).join("");
}

function curvesLegend({ classes }, part) {
  const body = element("tbody");
  for (const one of part.classes) {
    const share = one.rows !== null && part.rows > 0 ? percent(one.rows / part.rows) : "–";
    const cells = [formatCount(one.rows) ?? "–", share, formatMetric(one.roc_auc), formatMetric(one.average_precision),
      one.gain === null ? "–" : percent(one.gain)];
    body.append(element("tr", {},
      element("th", { scope: "row" }, element("i", { class: `swatch hue-${one.place}` }), classes[one.place]),
      ...cells.map((text) => element("td", { class: "number" }, text))));
  }
  return element("table", {},
    headerRow(["class", "rows", "share", "ROC AUC", "average precision", "found in the first 10 % of the rows"]), body);
}
