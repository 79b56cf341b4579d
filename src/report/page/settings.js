// Where the values of a setting stand along an axis, and trials as points on it.

// Numbers by their size, on a log scale where they are positive and span more than a factor of ten;
// everything else evenly, in the order of the values.
function placesOf({ values }, from, to) {
  const even = (index) => values.length > 1 ? from + (index / (values.length - 1)) * (to - from) : (from + to) / 2;
  const numbers = values.map(numberOf);
  if (numbers.some((number) => number === null)) return values.map((_, index) => even(index));
  const [low, high] = extentOf(numbers);
  const log = low > 0 && high / low > 10;
  // A zero below numbers of several sizes would lie upon them.
  const positive = extentOf(numbers.filter((number) => number > 0));
  if (!log && low >= 0 && positive !== null && positive[1] / positive[0] > 9.99) return values.map((_, index) => even(index));
  const grade = log ? Math.log10 : (number) => number;
  return numbers.map((number) => high > low
    ? from + ((grade(number) - grade(low)) / (grade(high) - grade(low))) * (to - from) : (from + to) / 2);
}

// The least distance of two neighbours.
function gapOf(places, otherwise) {
  const apart = places.slice(1).map((place, index) => Math.abs(place - places[index]));
  return Math.min(otherwise, ...apart);
}

// Places of a score from worst to best, 0 to 1; by its logarithm where that is what is explained.
function meritOf({ slices, anova, lower_is_better: falls }) {
  const grade = anova?.logarithm ? Math.log10 : (score) => score;
  const [low, high] = extentOf(slices.drawn.map(({ score }) => grade(score))) ?? [0, 0];
  return (score) => {
    const share = high > low ? (grade(score) - low) / (high - low) : 1;
    return falls && high > low ? 1 - share : share;
  };
}

// The axes from the one that the score depends on most.
function axesByWeight({ axes, anova }) {
  return anova === null ? axes.map((_, place) => place) : anova.single.map((one) => one.axes[0]);
}

function tellTrial({ axes, run }, { trial, rank, score, levels }) {
  return [
    element("strong", {}, `trial ${trial}, rank ${rank ?? "–"}`),
    element("div", {}, `${run.rank_by} ${formatMetric(score)}`),
    ...axes.map(({ name, values }, place) => element("div", { class: "soft" }, `${name} ${values[levels[place]]}`)),
  ];
}

function scoreTicks(low, high, log, count) {
  return (log ? logTicks(low, high) : axisTicks(low, high, count));
}
