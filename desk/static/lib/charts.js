// Charts of the page of insights, by Chart.js, in the console's colours. The library is loaded when a chart is first drawn.

/** The colours of series, in their order: those of the customers' chart, which people who see colours differently tell apart. */
const SERIES = ["--line-plan", "--line-minimum", "--line-full", "--line-later", "--line-nothing", "--accent", "--soon", "--text"];
const LIBRARY = "../vendor/chart.js-4.6.1/chart.umd.min.js";
const LONGEST_LABEL = 26; // characters
const BAR_PX = 30;
const AROUND_PX = 70; // axis and legend

/** How high a chart with so many lying bars is. */
export function heightAcross(count) {
  return `${count * BAR_PX + AROUND_PX}px`;
}

/**
 * Draw bars on a canvas; the chart, which has to be destroyed. `series`: `[{label, values}]`, `values` in the order of
 * `labels`. `across`: bars lie; `stacked`: one upon another; `unit`: what the numbers are.
 */
export async function bars(canvas, { labels, series, across = false, stacked = false, unit = "" }) {
  await import(LIBRARY);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = colour("--muted");
  const numbers = { stacked, beginAtZero: true, grid: { color: colour("--line") }, ticks: { color: text, precision: 0 }, title: { display: Boolean(unit), text: unit, color: text } };
  const names = { stacked, grid: { display: false }, ticks: { color: text, autoSkip: !across, callback(value) { return shortened(this.getLabelForValue(value)); } } };
  return new globalThis.Chart(canvas, {
    type: "bar",
    data: {
      labels,
      datasets: series.map(({ label, values }, index) => ({ label, data: values, backgroundColor: colour(SERIES[index % SERIES.length]), maxBarThickness: 32 })),
    },
    options: {
      animation: false,
      indexAxis: across ? "y" : "x",
      maintainAspectRatio: false,
      font: { family: getComputedStyle(document.body).fontFamily },
      scales: across ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: { legend: { display: series.length > 1, position: "bottom", labels: { color: colour("--text"), boxWidth: 12 } } },
    },
  });
}

function shortened(label) {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
}
