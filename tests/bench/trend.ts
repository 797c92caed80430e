/** One look at the server during a soak. */
export interface Sample {
  /** Seconds since the start. */
  readonly time: number;
  /** Resident memory of the server, in MiB. */
  readonly memory: number;
  /** How far the slowest client is behind, in KiB. */
  readonly lag: number;
}

/**
 * By how much memory grows from the first of these samples to the last, along the straight line that
 * fits them best, as a share of where that line starts.
 *
 * @returns 0.05 for growth by 5 %; NaN for fewer than two samples
 */
export function growth(samples: readonly Sample[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(samples.map(({ time }) => time));
  const level = mean(samples.map(({ memory }) => memory));
  const rise = samples.reduce(
    (sum, { time, memory }) => sum + (time - middle) * (memory - level),
    0,
  );
  const run = samples.reduce((sum, { time }) => sum + (time - middle) ** 2, 0);
  const slope = rise / run;
  const first = samples[0]?.time ?? NaN;
  const last = samples.at(-1)?.time ?? NaN;
  return slope * (last - first) / (level + slope * (first - middle));
}

const WIDTH = 720;
const HEIGHT = 160;
const LEFT = 60;
const GAP = 50;

/** Memory and lag over time, one plot above the other, as an SVG document. */
export function svg(samples: readonly Sample[], title: string): string {
  const plots = [
    plot(samples, "memory, MiB", ({ memory }) => memory),
    plot(samples, "lag of the slowest, KiB", ({ lag }) => lag),
  ];
  const height = plots.length * (HEIGHT + GAP) + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 20} ${height}"`,
    ` font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${LEFT}" y="18" font-size="14">${title}</text>`,
    ...plots.map((each, i) =>
      `<g transform="translate(${LEFT} ${40 + i * (HEIGHT + GAP)})">${each}</g>`
    ),
    `</svg>\n`,
  ].join("\n");
}

function plot(
  samples: readonly Sample[],
  label: string,
  value: (sample: Sample) => number,
): string {
  const end = samples.at(-1)?.time ?? 1;
  const top = Math.max(1, ...samples.map(value));
  const points = samples.map((sample) => {
    const x = sample.time / end * WIDTH;
    const y = HEIGHT - value(sample) / top * HEIGHT;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return [
    `<path d="M0 0V${HEIGHT}H${WIDTH}" fill="none" stroke="black"/>`,
    `<text x="-6" y="10" text-anchor="end">${Math.round(top)}</text>`,
    `<text x="-6" y="${HEIGHT}" text-anchor="end">0</text>`,
    `<text x="${WIDTH}" y="${HEIGHT + 16}" text-anchor="end">${Math.round(end)} s</text>`,
    `<text x="6" y="-6">${label}</text>`,
    `<polyline points="${points.join(" ")}" fill="none" stroke="#0a58ca" stroke-width="1.5"/>`,
  ].join("");
}
