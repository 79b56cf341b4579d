// The time column, and when events were.

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function drawSeries(found) {
  const { series } = found;
  if (!series) return;
  const { events, groups } = series;
  const gap = series.largest_gap;
  section("series", `Time: ${series.name}`,
    facts("facts", [
      ["From", showTime(series.first)],
      ["To", showTime(series.last)],
      ["Groups", groups ? `${formatCount(groups.count)} of ${found.columns[groups.column]?.name ?? "another column"}` : null],
      ["Rows of a group", groups ? `${formatCount(groups.fewest)} to ${formatCount(groups.most)}, median ${formatCount(groups.median)}` : null],
      ["Usual step", showDuration(series.step)],
      ["Gaps", formatCount(series.gaps)],
      ["Longest gap", gap ? `${showDuration(gap.length)} after ${showTime(gap.after)}${gap.group === null ? "" : ` of ${gap.group}`}` : null],
      ["Rows out of order", formatCount(series.out_of_order) + (groups?.out_of_order ? `, in ${countOf(groups.out_of_order, "group")}` : "")],
      ["Repeated times", formatCount(series.repeated)],
    ]),
    ...(events ? drawEvents(events) : []));
}

function drawEvents(events) {
  const from = showTime(events.start);
  const to = showTime(events.start + events.bucket * events.over_time.length);
  const hours = events.by_hour.map((_, hour) => String(hour));
  return [
    element("h3", { class: "after" }, "Events over time"),
    element("p", { class: "soft" }, `${countOf(events.count, "row")} not of the most frequent class, counted by ${showDuration(events.bucket)}.`),
    fluid("events over time", (svg, width) => {
      drawTallies(svg, width, events.over_time, (index) => showTime(events.start + index * events.bucket));
      svg.append(shape("text", { x: 34, y: 146 }, from), shape("text", { x: width, y: 146, "text-anchor": "end" }, to));
      return 152;
    }),
    element("div", { class: "sides after" },
      element("div", {}, element("h3", {}, "By hour of the day"), fluid("events by hour", (svg, width) =>
        drawNamed(svg, width, events.by_hour, hours))),
      element("div", {}, element("h3", {}, "By weekday"), fluid("events by weekday", (svg, width) =>
        drawNamed(svg, width, events.by_weekday, DAYS)))),
  ];
}

function drawNamed(svg, width, tallies, names) {
  const place = drawTallies(svg, width, tallies, (index) => names[index]);
  names.forEach((name, index) => {
    if (names.length < 10 || index % 3 === 0) {
      svg.append(shape("text", { x: place(index), y: 146, "text-anchor": "middle" }, name));
    }
  });
  return 152;
}

// A bar of events for each tally; returns where the middle of a bar is.
function drawTallies(svg, width, tallies, name) {
  const [left, floor, height] = [34, 130, 118];
  const step = (width - left) / tallies.length;
  const most = Math.max(1, ...tallies.map(({ events }) => events));
  for (const value of [0, most]) {
    const y = floor - (value / most) * height;
    svg.append(shape("line", { class: "grid", x1: left, x2: width, y1: y, y2: y }),
      shape("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, formatCount(value)));
  }
  tallies.forEach(({ rows, events }, index) => {
    if (events === 0) return;
    const tall = (events / most) * height;
    svg.append(shape("rect", { class: "bar hue-1", x: left + index * step, y: floor - tall,
      width: Math.max(0.8, step * 0.86), height: tall },
    shape("title", {}, `${name(index)}: ${formatCount(events)} of ${countOf(rows, "row")}`)));
  });
  return (index) => left + (index + 0.43) * step;
}

// Milliseconds since 1970 as a clock on the wall shows them; the calendar ends somewhere.
function showTime(milliseconds) {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return `${milliseconds} ms`;
  return time.toISOString().slice(0, -1).replace("T", " ").replace(/(:00)?\.000$/, "");
}

function showDuration(milliseconds) {
  if (milliseconds === null) return "–";
  const parts = [];
  let rest = milliseconds;
  for (const [unit, length] of [["d", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000], ["ms", 1]]) {
    const count = Math.floor(rest / length);
    if (count > 0 && parts.length < 2) parts.push(`${formatCount(count)} ${unit}`);
    rest -= count * length;
  }
  return parts.join(" ") || "0 s";
}
