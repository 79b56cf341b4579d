// A square plane of shares, both axes from 0 to 1.

const UNIT = { left: 50, right: 10, top: 10, bottom: 42, widest: 520 };

// Draws the plane, and its diagonal where it is asked for; returns the scales and the height.
function drawUnitPlane(svg, width, { xName, yName, diagonal = true, foot = 0 }) {
  const side = Math.min(width, UNIT.widest) - UNIT.left - UNIT.right;
  const bottom = UNIT.top + side;
  const x = (share) => UNIT.left + share * side;
  const y = (share) => bottom - share * side;
  for (const share of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    svg.append(
      shape("line", { class: "grid", x1: x(0), x2: x(1), y1: y(share), y2: y(share) }),
      shape("line", { class: "grid", x1: x(share), x2: x(share), y1: y(0), y2: y(1) }),
      shape("text", { x: UNIT.left - 7, y: y(share) + 4, "text-anchor": "end" }, share.toFixed(1)),
      shape("text", { x: x(share), y: bottom + foot + 16, "text-anchor": "middle" }, share.toFixed(1)));
  }
  const middle = (UNIT.top + bottom) / 2;
  svg.append(
    shape("text", { class: "name", x: x(0.5), y: bottom + foot + 35, "text-anchor": "middle" }, xName),
    shape("text", { class: "name", x: 13, y: middle, "text-anchor": "middle", transform: `rotate(-90 13 ${middle})` }, yName));
  if (diagonal) svg.append(shape("line", { class: "diagonal", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }));
  return { x, y, side, bottom, height: bottom + foot + UNIT.bottom };
}

// A chooser of parts over what `show` draws for one; `parts` are [{ part, … }].
function choosePart(parts, show) {
  const options = SPLITS.filter(([key]) => parts.some(({ part }) => part === key));
  const turn = (key) => show(parts.find(({ part }) => part === key));
  turn(options[0][0]);
  return element("div", { class: "controls" }, chooser("on", options, options[0][0], turn));
}
