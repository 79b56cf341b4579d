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
      ["Groups", groupList(run.split?.groups)],
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

// The groups of each part; a fold has the number that it has in curves.csv.
function groupList(folds) {
  const most = 20;
  const shown = (groups) => {
    if (!Array.isArray(groups)) return formatCount(groups);
    const more = groups.length > most ? ` and ${groups.length - most} more` : "";
    return groups.slice(0, most).join(", ") + more;
  };
  const parts = [["train", "train"], ["valid", "validation"], ["test", "test"]];
  return folds ? bullets(folds.flatMap((fold, number) => parts.map(([part, name]) =>
    `${folds.length > 1 ? `fold ${number}, ` : ""}${name}: ${shown(fold[part])}`))) : null;
}

function splitTable(split) {
  if (!split) return null;
  const counts = split.class_counts ?? [];
  const differs = counts.some((count) => (count.trained_on ?? count.train) !== count.train);
  const names = ["train", ...(differs ? ["trained_on"] : []), "valid", "test"];
  const heads = ["train", ...(differs ? ["trained on"] : []), "validation", "test"];
  const line = (tag, label, counts) => element("tr", {}, element("th", { scope: "row" }, label),
    ...names.map((name) => element(tag, { class: "number" }, formatCount(counts[name]) ?? "–")));
  const body = element("tbody", {},
    ...counts.map((count) => line("td", count.class, count)),
    line("th", "all rows", split));
  return element("div", { class: "box" }, element("table", {},
    headerRow(["rows by class", ...heads]), body));
}

function gridDetails(text) {
  if (!text) return null;
  return element("details", { class: "after" }, element("summary", {}, "The grid as it was checked"),
    element("pre", {}, text));
}
