// Reading and writing numbers.

const NOT_FINITE = new Set(["nan", "inf", "-inf", "infinity", "-infinity"]);

function isNumberText(text) {
  return NOT_FINITE.has(text.toLowerCase()) || (text.trim() !== "" && !Number.isNaN(Number(text)));
}

// A cell as a finite number, else null.
function numberOf(text) {
  if (text === null || text === undefined || String(text).trim() === "") return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

// A metric for reading: four decimals, or four digits where that would hide it.
function formatMetric(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 0.01 || size >= 10000) ? value.toPrecision(4) : value.toFixed(4);
}

function signedText(value) {
  return `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(4)}`;
}

function formatCount(value) {
  return typeof value === "number" ? value.toLocaleString("en-US") : null;
}

function formatDuration(seconds) {
  if (typeof seconds !== "number") return null;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

function countOf(count, noun) {
  return typeof count === "number" ? `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}` : null;
}

// The least and the greatest of the finite values, or null.
function extentOf(values) {
  let extent = null;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    extent = extent === null ? [value, value]
      : [Math.min(extent[0], value), Math.max(extent[1], value)];
  }
  return extent;
}

// Round steps that part [low, high] into about `count` pieces.
function linearTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) {
    ticks.push({ value: place * step, text: (place * step).toFixed(decimals) });
  }
  return ticks;
}

// Powers of ten, with 2 and 5 between them while the range is short.
function logTicks(low, high) {
  const factors = Math.log10(high / low) > 3.5 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      if (value >= low && value <= high) ticks.push({ value, text: String(value) });
    }
  }
  return ticks;
}

// A time in seconds, or in milliseconds below a second, to three digits.
function timeText(seconds) {
  if (seconds === null || seconds === undefined) return null;
  const [value, unit] = seconds < 1 ? [1000 * seconds, "ms"] : [seconds, "s"];
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}
