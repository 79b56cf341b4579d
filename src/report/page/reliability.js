// Confidence beside accuracy: whether the winner's probabilities are as good as their word.

const STRIP = { gap: 8, height: 64 };

function drawReliability({ diagnostics: found }) {
  if (!found || found.reliability.length === 0) {
    document.getElementById("reliability").remove();
    return;
  }
  const place = element("div", { class: "square" });
  const show = (part) => place.replaceChildren(...drawBins(part));
  const controls = choosePart(found.reliability, show);
  section("reliability", "Reliability of the winner's probabilities",
    element("p", { class: "soft" }, "Rows by the probability of their predicted class (its confidence), in ten bins of equal width: on the dashed "
      + "diagonal, of rows with a confidence of 0.8 four of five are predicted right. Below it the model is too sure. The bars "
      + "are the rows of each bin. The expected calibration error is the mean distance from the diagonal, weighted by rows."),
    controls, place);
}

function nameLine({ lines }, line) {
  if (lines.length === 1 && !line.is_after) return "not calibrated";
  return line.is_after ? "after calibration" : "before calibration";
}

// The page tells the calibrated line by the accent, also where it stands alone.
function styleLine({ lines }, line) {
  return line.is_after || lines.length === 1 ? "hue-0" : "hue-1";
}

function drawBins(part) {
  const figure = fluid("accuracy by confidence", (svg, width) => {
    const plane = drawUnitPlane(svg, width, { xName: "confidence", yName: "accuracy", foot: STRIP.gap + STRIP.height });
    const points = [];
    const all = part.lines.map(({ bins }) => bins.reduce((sum, { rows }) => sum + rows, 0));
    const most = Math.max(...part.lines.flatMap(({ bins }, index) => bins.map(({ rows }) => rows / all[index])));
    part.lines.forEach((line, index) => {
      const style = styleLine(part, line);
      const path = line.bins.map((bin) => `${plane.x(bin.mean_confidence).toFixed(1)} ${plane.y(bin.accuracy).toFixed(1)}`);
      svg.append(shape("path", { class: `of-class ${style}`, d: `M${path.join("L")}` }));
      for (const bin of line.bins) {
        const [x, y] = [plane.x(bin.mean_confidence), plane.y(bin.accuracy)];
        svg.append(shape("circle", { class: `bar ${style}`, cx: x, cy: y, r: 3.5 }),
          binBar(plane, part, { bin, index, style, height: (STRIP.height * bin.rows) / all[index] / most }));
        points.push({ line, bin, x, y });
      }
    });
    const floor = plane.bottom + STRIP.gap + STRIP.height;
    svg.append(shape("line", { class: "grid", x1: plane.x(0), x2: plane.x(1), y1: floor, y2: floor }),
      shape("text", { x: UNIT.left - 7, y: floor - STRIP.height / 2 + 4, "text-anchor": "end" }, "rows"));
    reader.reset(points);
    return plane.height;
  });
  const reader = makeReader(figure, {
    tell: ({ line, bin }) => [
      element("strong", {}, nameLine(part, line)),
      element("div", {}, `confidence ${formatMetric(bin.mean_confidence)}, accuracy ${formatMetric(bin.accuracy)}`),
      element("div", { class: "soft" }, `${countOf(bin.rows, "row")} above ${bin.lower} up to ${bin.upper}`),
    ],
  });
  const names = part.lines.map((line) => element("span", { class: styleLine(part, line) },
    `${nameLine(part, line)}: expected calibration error ${formatMetric(line.expected_calibration_error)}`));
  return [figure, element("div", { class: "key hues" }, ...names)];
}

function binBar(plane, { lines }, { bin, index, style, height }) {
  const [left, right] = [plane.x(bin.lower) + 2, plane.x(bin.upper) - 2];
  const width = (right - left) / lines.length;
  const floor = plane.bottom + STRIP.gap + STRIP.height;
  return shape("rect", { class: `bar ${style}`, x: left + index * width, y: floor - height, width: Math.max(0.5, width - 1), height });
}
