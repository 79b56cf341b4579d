// How the run was made: enough to make it again.

function drawProvenance(report) {
  const { run } = report;
  const data = run.data ?? {};
  const versions = Object.entries(run.versions ?? {}).filter(([, value]) => value);
  section("provenance", "How this run was made",
    definitions([
      ["Command", run.command_line ? element("code", {}, asText(run.command_line)) : null],
      ["Started", run.started_at],
      ["Finished", run.finished_at],
      ["Seed", run.seed],
      ["Device", run.device],
      ["Engine", run.engine],
      ["Jobs", run.jobs],
      ["Versions", versions.map(([name, value]) => `${name} ${asText(value)}`).join(", ")],
      ["Data", data.source],
      ["SHA-256 of the data", data.sha256 ? element("code", {}, data.sha256) : null],
      ["Shape", describeShape(data)],
      ["Target", data.target],
      ["Features", data.features?.join(", ")],
      ["Classes", data.classes?.join(", ")],
      ["Repairs", bullets(data.repairs)],
      ["Notes", bullets(data.notes)],
      ["Warnings", bullets(data.warnings)],
      ["Split", run.split?.description],
    ]),
    splitTable(run.split),
    gridDetails(report.grid_text));
}

function describeShape(data) {
  return [countOf(data.rows, "row"), countOf(data.columns, "column")].filter(Boolean).join(", ");
}

function definitions(pairs) {
  const list = element("dl", { class: "made" });
  for (const [term, value] of pairs) {
    if (value === null || value === undefined || value === "") continue;
    list.append(element("dt", {}, term),
      element("dd", {}, value instanceof Node ? value : asText(value)));
  }
  return list;
}

function asText(value) {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(" ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bullets(items) {
  if (!Array.isArray(items)) return null;
  if (items.length === 0) return "none";
  return element("ul", {}, ...items.map((item) => element("li", {}, asText(item))));
}

function splitTable(split) {
  if (!split) return null;
  const names = ["train", "valid", "test"];
  const line = (tag, label, counts) => element("tr", {}, element("th", { scope: "row" }, label),
    ...names.map((name) => element(tag, { class: "number" }, formatCount(counts[name]) ?? "–")));
  const body = element("tbody", {},
    ...(split.class_counts ?? []).map((counts) => line("td", counts.class, counts)),
    line("th", "all rows", split));
  return element("div", { class: "box" }, element("table", {},
    headerRow(["rows by class", "train", "validation", "test"]), body));
}

function gridDetails(text) {
  if (!text) return null;
  return element("details", { class: "after" }, element("summary", {}, "The grid as it was checked"),
    element("pre", {}, text));
}
