// The correlations: a map of all pairs, and the strongest by name.

function drawCorrelations(found) {
  const { correlations } = found;
  if (correlations.names.length < 2) return;
  section("correlations", "Correlations",
    element("p", { class: "soft" }, [
      "Pearson's, each pair over the rows where both are there.",
      correlations.names.length < correlations.correlated
        ? `Drawn are the ${correlations.names.length} columns of the strongest, of ${correlations.correlated}.` : "",
      correlations.left_out > 0 ? `${countOf(correlations.left_out, "column")} beyond the first ${correlations.correlated} were not correlated.` : "",
    ].filter(Boolean).join(" ")),
    // A map of many columns takes the whole width.
    element("div", { class: correlations.names.length > 16 ? null : "sides" },
      element("div", { class: "map" }, fluid("map of correlations", (svg, width) => drawMap(svg, width, correlations))),
      element("div", {}, strongestTable(correlations.strongest))));
}

function drawMap(svg, width, { names, matrix }) {
  const left = Math.min(180, width * 0.34);
  const side = Math.min(52, (width - left - 8) / names.length);
  const top = 20;
  names.forEach((name, row) => {
    const y = top + row * side;
    const letters = Math.floor(left / 6.8) - 3;
    // Where cells are smaller than text, some are named.
    if (side >= 13 || row % 2 === 0) {
      svg.append(shape("text", { class: "name", x: left - 6, y: y + side / 2 + 4, "text-anchor": "end" },
        `${cutMiddle(name, letters)} ${row + 1}`));
    }
    if (side > 20 || row % 5 === 4) {
      svg.append(shape("text", { x: left + (row + 0.5) * side, y: top - 6, "text-anchor": "middle" }, String(row + 1)));
    }
    matrix[row].forEach((value, column) => {
      const x = left + column * side;
      const label = `${name} and ${names[column]}: ${value === null ? "none" : value.toFixed(4)}`;
      svg.append(shape("rect", { class: value === null ? "frame" : value < 0 ? "falls" : "rises", x, y,
        width: side - 1, height: side - 1, "fill-opacity": value === null ? null : Math.abs(value).toFixed(3) },
      shape("title", {}, label)));
      if (side >= 34 && value !== null) {
        svg.append(shape("text", { class: Math.abs(value) > 0.55 ? "deep" : "name", x: x + side / 2, y: y + side / 2 + 4,
          "text-anchor": "middle" }, value.toFixed(2).replace(/^-(0\.00)$/, "$1")));
      }
    });
  });
  return top + names.length * side + 4;
}

function strongestTable(pairs) {
  const body = element("tbody");
  for (const { names: [one, other], value } of pairs) {
    body.append(element("tr", {}, element("td", { class: "wrap" }, cut(one, 60)), element("td", { class: "wrap" }, cut(other, 60)),
      element("td", { class: "number" }, value.toFixed(4))));
  }
  const head = headerRow(["strongest", "with", "Pearson"]);
  head.querySelectorAll("th")[1].classList.remove("number");
  return element("div", { class: "box fit" }, element("table", {}, head, body));
}
