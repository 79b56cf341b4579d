// What the score depends on: what each setting explains of its variance, and two together.

function drawAnova(report) {
  const { anova, axes } = report;
  const title = `What ${report.run.rank_by} depends on`;
  if (anova === null) {
    if (axes.length > 0) section("anova", title, element("p", { class: "soft" }, "All finished trials have the same score."));
    return;
  }
  const bars = [
    ...anova.single.map((one) => ({ ...one, name: axes[one.axes[0]].name })),
    ...anova.pairs.map((one) => ({ ...one, name: one.axes.map((place) => axes[place].name).join(" × ") })),
  ];
  bars.push({ name: "the rest: more together, noise", share: anova.rest, verdict: "rest", by_chance: null });
  section("anova", title,
    element("p", { class: "soft" }, describeAnova(report)),
    fluid(`shares of the variance of ${report.run.rank_by}`, (svg, width) => fillAnova(svg, width, bars)),
    element("p", { class: "soft after" }, describeNoise(anova)));
}

function describeAnova(report) {
  const { anova, axes, run, slices, lost } = report;
  return [
    `The share of the variance ${anova.logarithm ? "of the logarithm " : ""}of ${run.rank_by} between the `
      + `${countOf(slices.trials, "finished trial")} that each setting explains by itself`
      + `${anova.pairs.length > 0 ? ", and two together beyond that" : ""}.`,
    "It is about the values that this grid tried.",
    aboutFamily(report),
    axes.length > 1 && axes.some(({ name }) => name === "variant")
      ? "What tells variants apart counts for the variant; other settings count by what varies within one." : "",
    lost > 0 ? `The ${countOf(lost, "trial")} that diverged or failed have no score, and no part in it.` : "",
  ].filter(Boolean).join(" ");
}

// Which trials the score is explained by, where the run has several families.
function aboutFamily({ explained_family: family, is_other: isOther }) {
  return family === null ? ""
    : `Here are the trials of ${family} alone${isOther ? "" : ", the winner's family"}: other families have settings of their own.`;
}

function describeNoise({ single, repeats }) {
  if (single.every(({ verdict }) => verdict === "unknown")) {
    return "Nothing here tells noise from effects: several seeds in the grid would.";
  }
  const by = repeats === null
    ? "by what single settings leave unexplained, as no trial is repeated with another seed"
    : `by how trials differ that share all settings but the seed: ${shareText(repeats)} of the variance`;
  return `Grey bars are no larger than noise, told ${by}. A thin line marks what noise alone exceeds once in twenty such charts.`;
}

function shareText(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function fillAnova(svg, width, bars) {
  const longest = Math.max(...bars.map(({ name }) => [...name].length));
  const left = Math.min(longest * 7 + 14, width * 0.42);
  const most = Math.max(...bars.map(({ share }) => share), 1e-9);
  const scale = (share) => left + Math.min(1, share / most) * (width - left - 70);
  bars.forEach(({ name, share, verdict, by_chance: chance }, index) => {
    const y = index * 24;
    const kind = verdict === "above_noise" ? "bar hue-0" : verdict === "unknown" ? "bar hue-4" : "rest";
    const bar = shape("rect", { class: kind, x: left, y: y + 3, width: Math.max(0.5, scale(share) - left), height: 16 });
    bar.append(shape("title", {}, chance === null ? name : `${name}: noise alone exceeds ${shareText(chance)} once in twenty such charts`));
    svg.append(shape("text", { class: "name", x: left - 10, y: y + 15, "text-anchor": "end" }, cutMiddle(name, Math.floor(left / 6.4))), bar);
    const marked = chance !== null && chance < most;
    if (marked) svg.append(shape("line", { class: "chance", x1: scale(chance), x2: scale(chance), y1: y + 1, y2: y + 21 }));
    const end = marked ? Math.max(scale(share), scale(chance)) : scale(share);
    svg.append(shape("text", { x: end + 8, y: y + 15 }, shareText(share)));
  });
  return bars.length * 24 + 4;
}
