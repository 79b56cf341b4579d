// A difference with its interval about zero, drawn.

const WHISKER = { width: 190, height: 18, room: 6 };

function whisker({ mean, interval, is_larger_than_noise: larger }, reach, width = WHISKER.width) {
  const { height, room } = WHISKER;
  const x = (value) => width / 2 + (value / reach) * (width / 2 - room);
  const svg = shape("svg", { class: "whisker", width, height, "aria-hidden": "true" },
    shape("line", { class: "zero", x1: width / 2, x2: width / 2, y1: 0, y2: height }));
  if (Number.isFinite(mean)) {
    const kind = larger ? "apart" : "close";
    if (interval) svg.append(shape("line", { class: kind, x1: x(interval[0]), x2: x(interval[1]), y1: height / 2, y2: height / 2 }));
    svg.append(shape("circle", { class: kind, cx: x(mean), cy: height / 2, r: 4 }));
  }
  return svg;
}

// How far the largest of some differences reaches from zero; those that are null are left out.
function reachOf(differences) {
  const ends = differences.filter((one) => one !== null).flatMap(({ mean, interval }) => [mean, ...(interval ?? [])]);
  return Math.max(1e-12, ...ends.filter(Number.isFinite).map(Math.abs));
}
