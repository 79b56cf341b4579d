// How the values are spread, by class: the target's own counts, then a chart for each column.

const BOX_PX = 20;

function drawCounts(found) {
  const { target } = found;
  if (!target) return;
  if (target.classes.length === 0) {
    section("classes", `Target: ${target.name}`, element("p", { class: "soft" },
      "It has more than a hundred different values and is taken as a quantity: plots have no classes."));
    return;
  }
  const shown = target.classes.slice(0, 40);
  const most = Math.max(1, ...shown.map(({ rows }) => rows));
  const all = Math.max(1, found.rows - target.missing);
  section("classes", `Classes of ${target.name}`,
    element("p", { class: "soft" }, [leftOutOf(shown.length, target.classes.length, "class"),
      target.missing > 0 ? `${countOf(target.missing, "row")} without a class.` : ""].join(" ").trim()),
    fluid("rows of each class", (svg, width) => {
      const left = Math.min(210, width * 0.4);
      shown.forEach(({ name, rows }, index) => {
        const y = index * 24;
        const place = target.drawn.indexOf(index);
        const length = (rows / most) * (width - left - 120);
        svg.append(
          shape("text", { class: "name", x: left - 10, y: y + 15, "text-anchor": "end" }, cut(name, Math.floor(left / 7))),
          shape("rect", { class: place < 0 ? "rest" : `bar hue-${place}`, x: left, y: y + 3, width: Math.max(1, length), height: 16 }),
          shape("text", { x: left + length + 8, y: y + 15 }, `${formatCount(rows)}, ${percent(rows / all)}`));
      });
      return shown.length * 24 + 4;
    }));
}

// The names of the classes that plots tell apart.
function drawnNames(found) {
  const { target } = found;
  return target && target.classes.length > 0
    ? target.drawn.map((index) => target.classes[index].name) : ["all rows"];
}

function drawSpreads(found) {
  const columns = found.columns.filter((column) => column.shape !== null && column.name !== found.target?.name
    && column.oddity !== "names");
  const own = found.columns.find((column) => column.name === found.target?.name && column.shape !== null);
  if (found.target?.classes.length === 0 && own) columns.unshift(own);
  if (columns.length === 0) return;
  const names = drawnNames(found);
  const apart = names.length > 1;
  section("spreads", apart ? "Columns by class" : "Columns",
    element("p", { class: "soft" }, [
      apart ? "Each class has the same area, however rare it is: a bar is a share of the class's own rows."
        : "A bar is a share of the rows.",
      "Below it the boxes: quartiles, whiskers to the last value within 1.5 interquartile ranges, some of the values beyond.",
      apart && names.length < found.target.classes.length ? `The ${names.length} most frequent classes are drawn.` : "",
      found.all_columns > found.drawn_columns ? `Drawn are the first ${found.drawn_columns} columns.` : "",
    ].filter(Boolean).join(" ")),
    apart ? element("div", { class: "classes" }, ...names.map((name, place) =>
      element("span", { class: `hue-${place}` }, cut(name, 60)))) : null,
    element("div", { class: "spreads" }, ...columns.map(drawSpread)));
}

function drawSpread(column) {
  const { shape: spread } = column;
  const missing = column.missing > 0 ? `${formatCount(column.missing)} missing` : "";
  const more = spread.left_out > 0 ? `${formatCount(spread.left_out)} rarer values not drawn` : "";
  return element("div", {}, element("h3", {}, cut(column.name, 80)),
    element("p", { class: "soft" }, [`${formatCount(column.distinct)} values`, missing, more].filter(Boolean).join(", ")),
    fluid(`spread of ${column.name}`, (svg, width) =>
      spread.kind === "bins" ? drawBins(svg, width, spread) : drawBars(svg, width, spread)));
}

function sharesOf(counts) {
  return counts.map((rows) => {
    const all = rows.reduce((sum, count) => sum + count, 0);
    return rows.map((count) => (all > 0 ? count / all : 0));
  });
}

function drawBins(svg, width, spread) {
  const { low, width: step, counts } = spread;
  const high = low + step * counts[0].length;
  const x = scaleOf(low, high, 8, width - 8);
  const shares = sharesOf(counts);
  const most = Math.max(1e-9, ...shares.flat());
  const floor = 118;
  const y = (share) => floor - (share / most) * 108;
  shares.forEach((bins, place) => {
    if (bins.every((share) => share === 0)) return;
    let path = `M${x(low).toFixed(1)} ${floor}`;
    bins.forEach((share, bin) => {
      const [from, to] = [x(low + bin * step), x(low + (bin + 1) * step)];
      path += `L${from.toFixed(1)} ${y(share).toFixed(1)}L${to.toFixed(1)} ${y(share).toFixed(1)}`;
    });
    svg.append(shape("path", { class: `area hue-${place}`, d: `${path}L${x(high).toFixed(1)} ${floor}Z` }));
  });
  axisBelow(svg, x, low, high, floor, width);
  spread.boxes.forEach((box, place) => drawBox(svg, box, place, x, floor + 26 + place * BOX_PX));
  return floor + 26 + spread.boxes.length * BOX_PX + 4;
}

function drawBox(svg, box, place, x, top) {
  if (box === null) return;
  const [first, lower, median, upper, last] = box.marks.map(x);
  const middle = top + 8;
  const group = shape("g", { class: `hue-${place}` },
    shape("title", {}, `${countOf(box.outliers, "value")} beyond the whiskers`),
    shape("path", { class: "box-line", d: `M${first} ${middle}L${lower} ${middle}M${upper} ${middle}L${last} ${middle}` }),
    shape("rect", { class: "box-body", x: lower, y: top + 2, width: Math.max(0.5, upper - lower), height: 12 }),
    shape("line", { class: "median", x1: median, x2: median, y1: top + 2, y2: top + 14 }),
    ...box.points.map((value) => shape("circle", { class: "point", cx: x(value), cy: middle, r: 1.8 })));
  svg.append(group);
}

function drawBars(svg, width, spread) {
  const classes = spread.counts.length;
  const labels = spread.labels.slice(0, classes > 3 ? 12 : 20);
  const shares = sharesOf(spread.counts);
  const most = Math.max(1e-9, ...shares.flat());
  const thick = Math.max(4, 14 / classes);
  const left = Math.min(120, width * 0.36);
  const line = thick * classes + 7;
  labels.forEach((label, index) => {
    const top = index * line;
    svg.append(shape("text", { class: "name", x: left - 8, y: top + line / 2 + 1, "text-anchor": "end" },
      cut(label, Math.floor(left / 7))));
    shares.forEach((bars, place) => {
      const length = (bars[index] / most) * (width - left - 62);
      svg.append(shape("rect", { class: `bar hue-${place}`, x: left, y: top + 1 + place * thick, width: Math.max(0, length), height: thick - 0.6 },
        shape("title", {}, `${label}: ${formatCount(spread.counts[place][index])} rows, ${percent(bars[index])}`)));
      if (classes === 1) {
        svg.append(shape("text", { x: left + length + 6, y: top + line / 2 + 1 }, percent(bars[index])));
      }
    });
  });
  return labels.length * line + 6;
}
