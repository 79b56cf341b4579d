// The plane of a line chart: scales, grid, axis labels.

const CHART = { height: 430, left: 74, right: 16, top: 14, bottom: 46 };

// Chooses the ranges; null when there is nothing finite to draw.
function layOutChart(lines, quantity, width) {
  const values = extentOf(lines.flatMap((line) => line.values));
  const epochs = extentOf(lines.flatMap((line) => line.epochs));
  if (values === null || epochs === null) return null;
  const [low, high] = values;
  const log = quantity === "loss" && low > 0 && high / low > 100;
  const room = Math.max((high - low) * 0.05, Math.abs(high) * 1e-3, 1e-6);
  const side = Math.max((epochs[1] - epochs[0]) * 0.01, 0.4);
  return {
    log,
    right: width - CHART.right,
    x: [epochs[0] - side, epochs[1] + side],
    y: log ? [low / 1.15, high * 1.15]
      : [Math.max(low - room, -room / 5), quantity === "accuracy" ? Math.min(high + room, 1 + room / 5) : high + room],
  };
}

function makeScales({ x, y, log, right }) {
  const grade = log ? Math.log10 : (value) => value;
  const [low, high] = [grade(y[0]), grade(y[1])];
  const width = right - CHART.left;
  const height = CHART.height - CHART.top - CHART.bottom;
  return {
    x: (epoch) => CHART.left + ((epoch - x[0]) / (x[1] - x[0])) * width,
    y: (value) => CHART.top + (1 - (grade(value) - low) / (high - low)) * height,
  };
}

function drawPlane(svg, layout, scales, yName) {
  const bottom = CHART.height - CHART.bottom;
  const { right } = layout;
  const yTicks = layout.log ? logTicks(...layout.y) : linearTicks(...layout.y, 9);
  for (const { value, text } of yTicks) {
    const y = scales.y(value);
    svg.append(
      shape("line", { class: "grid", x1: CHART.left, x2: right, y1: y, y2: y }),
      shape("text", { x: CHART.left - 9, y: y + 4, "text-anchor": "end" }, text));
  }
  const xTicks = linearTicks(...layout.x, Math.min(12, right / 70)).filter(({ value }) => Number.isInteger(value));
  for (const { value } of xTicks) {
    svg.append(shape("text", { x: scales.x(value), y: bottom + 19, "text-anchor": "middle" }, String(value)));
  }
  const middle = (CHART.top + bottom) / 2;
  svg.append(
    shape("line", { class: "grid", x1: CHART.left, x2: right, y1: bottom, y2: bottom }),
    shape("text", { x: (CHART.left + right) / 2, y: CHART.height - 6, "text-anchor": "middle" }, "epoch"),
    shape("text", { x: 16, y: middle, "text-anchor": "middle", transform: `rotate(-90 16 ${middle})` },
      layout.log ? `${yName} (log scale)` : yName));
}

// A line as path data with a gap wherever a value is not finite.
function pathOf(line, scales) {
  let pen = "M";
  let path = "";
  line.epochs.forEach((epoch, index) => {
    const value = line.values[index];
    if (value === null) {
      pen = "M";
      return;
    }
    path += `${pen}${scales.x(epoch).toFixed(1)} ${scales.y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}
