// What the score depends on, for one family at a time where the run has several.

const EXPLAINED = [
  ["anova", drawAnova, (report) => `What ${report.run.rank_by} depends on`],
  ["heatmap", drawHeatmap, (report) => `${report.run.rank_by} over two settings`],
  ["slices", drawSlices, (report) => `${report.run.rank_by} by each setting`],
  ["parallel", drawParallel, () => "Every trial over its settings"],
];

function drawExplained(report, selection) {
  if (report.other_families.length === 0) {
    for (const [, draw] of EXPLAINED) draw(report, selection);
    return;
  }
  const views = new Map([[report.explained_family, report],
    ...report.other_families.map((other) => [other.explained_family, { ...report, ...other, is_other: true }])]);
  // What was drawn of another family is not to hear of choices any more.
  let listeners = [];
  selection.onChange((trial) => listeners.forEach((listener) => listener(trial)));
  const own = {
    get trial() { return selection.trial; },
    choose: selection.choose,
    onChange(listener) { listeners.push(listener); },
  };
  const show = (family) => {
    listeners = [];
    for (const [id, draw, titleOf] of EXPLAINED) {
      const view = views.get(family);
      const place = document.getElementById(id);
      place.replaceChildren();
      draw(view, own);
      if (place.children.length === 0) section(id, titleOf(view), element("p", { class: "soft" }, explainNothing(view)));
      const names = [...views.keys()].map((name) => [name, name]);
      place.querySelector("h2").after(element("div", { class: "controls family" },
        chooser("family", names, family, (chosen) => change(id, chosen))));
    }
  };
  const change = (id, family) => {
    const top = () => document.querySelector(`#${id} .family`).getBoundingClientRect().top;
    const before = top();
    show(family);
    // After the charts, which are drawn in microtasks: what is above has another height now.
    queueMicrotask(() => {
      window.scrollBy(0, top() - before);
      document.querySelector(`#${id} .family select`).focus({ preventScroll: true });
    });
  };
  show(report.explained_family);
}

function explainNothing({ axes, explained_family: family }) {
  return axes.length === 0
    ? `The finished trials of ${family} share the same settings, so there is nothing to compare.`
    : `The finished trials of ${family} differ in ${axes[0].name} alone, which the charts above show.`;
}
