/** Seconds, from half a millisecond to half a minute: enough to read p50 and p99 of any route. */
const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** Label values by name. Never an id of a person, a row or a request: those have no bound. */
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels: Labels, amount?: number): void;
}

export interface Histogram {
  /** Adds one observation in the unit of the metric's name. */
  observe(labels: Labels, value: number): void;
  /**
   * The quantile (0 to 1) over all series whose labels hold the given ones, interpolated inside its
   * bucket; `undefined` with no observation. Beyond the last bucket it is that bucket's bound.
   */
  quantile(q: number, labels?: Labels): number | undefined;
  /** How many observations there were. */
  count(labels?: Labels): number;
}

interface Family {
  write(): string;
}

const maxSeries = 256;
const namePattern = /^[a-z][a-z0-9_]*$/;

/**
 * Counters, gauges and histograms as OpenMetrics text. Each family keeps at most 256 series; what
 * comes after is counted under the label value `other`.
 *
 * @example
 * const metrics = new Metrics();
 * const answers = metrics.counter('backlot_answers', 'Answers given', ['endpoint']);
 * answers.add({ endpoint: 'film' });
 * metrics.text(); // '# TYPE backlot_answers counter ...'
 */
export class Metrics {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string, labels: readonly string[]): Counter {
    const series = new Series<{ total: number }>(labels, () => ({ total: 0 }));
    this.#add(name, {
      write: () =>
        head(name, 'counter', help) +
        series.write((shown, { total }) => `${name}_total${shown} ${total}\n`),
    });
    return {
      add: (given, amount = 1) => {
        if (!(amount >= 0)) throw new RangeError(`${name} was to grow by ${amount}`);
        series.at(given).total += amount;
      },
    };
  }

  /** A value that is read when asked for. */
  gauge(name: string, help: string, read: () => number): void {
    this.#add(name, { write: () => `${head(name, 'gauge', help)}${name} ${read()}\n` });
  }

  /** Values that are read when asked for, one for each set of labels. */
  gauges(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Iterable<{ readonly labels: Labels; readonly value: number }>,
  ): void {
    const write = (): string => {
      const series = new Series<{ value: number }>(labels, () => ({ value: 0 }));
      for (const one of read()) series.at(one.labels).value = one.value;
      const lines = series.write((shown, { value }) => `${name}${shown} ${value}\n`);
      return head(name, 'gauge', help) + lines;
    };
    this.#add(name, { write });
  }

  histogram(
    name: string,
    help: string,
    labels: readonly string[],
    bounds: readonly number[] = latencyBuckets,
  ): Histogram {
    const made = new FixedHistogram(name, help, labels, bounds);
    this.#add(name, made);
    return made;
  }

  /** The whole state, in the order of registration, and after it that of others with other names. */
  text(...more: readonly Metrics[]): string {
    return `${[this, ...more].map((metrics) => metrics.#written()).join('')}# EOF\n`;
  }

  #written(): string {
    return [...this.#families.values()].map((family) => family.write()).join('');
  }

  #add(name: string, family: Family): void {
    if (!namePattern.test(name)) throw new TypeError(`${name} is no metric name`);
    if (this.#families.has(name)) throw new TypeError(`the metric ${name} is there already`);
    this.#families.set(name, family);
  }
}

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

function head(name: string, type: string, help: string): string {
  return `# TYPE ${name} ${type}\n# HELP ${name} ${escapeText(help)}\n`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** The series of one family by their label values. */
class Series<T> {
  readonly #labels: readonly string[];
  readonly #create: () => T;
  readonly #held = new Map<string, { readonly labels: Labels; readonly value: T }>();

  constructor(labels: readonly string[], create: () => T) {
    this.#labels = labels;
    this.#create = create;
  }

  at(given: Labels): T {
    const values = this.#labels.map((name) => given[name] ?? '');
    const key = values.join('\u0000');
    const known = this.#held.get(key);
    if (known) return known.value;
    const other = this.#labels.map(() => 'other');
    const full = this.#held.size >= maxSeries;
    if (full && key !== other.join('\u0000')) {
      return this.at(Object.fromEntries(this.#labels.map((name) => [name, 'other'])));
    }
    const labels = Object.fromEntries(this.#labels.map((name, at) => [name, values[at]!]));
    const made = { labels, value: this.#create() };
    this.#held.set(key, made);
    return made.value;
  }

  matching(labels: Labels): readonly T[] {
    return [...this.#held.values()]
      .filter((held) => Object.entries(labels).every(([name, v]) => held.labels[name] === v))
      .map((held) => held.value);
  }

  write(line: (shown: string, value: T, more: (extra: Labels) => string) => string): string {
    return [...this.#held.values()]
      .map(({ labels, value }) =>
        line(showLabels(labels), value, (extra) => showLabels({ ...labels, ...extra })),
      )
      .join('');
  }
}

function showLabels(labels: Labels): string {
  const shown = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value)}"`);
  return shown.length === 0 ? '' : `{${shown.join(',')}}`;
}

interface Observed {
  readonly counts: Float64Array;
  sum: number;
}

class FixedHistogram implements Histogram, Family {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: Series<Observed>;

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    const create = (): Observed => ({ counts: new Float64Array(bounds.length + 1), sum: 0 });
    this.#series = new Series(labels, create);
  }

  observe(labels: Labels, value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`${this.#name} observed ${value}`);
    const observed = this.#series.at(labels);
    const found = this.#bounds.findIndex((bound) => value <= bound);
    observed.counts[found < 0 ? this.#bounds.length : found]! += 1;
    observed.sum += value;
  }

  count(labels: Labels = {}): number {
    return sum(this.#merge(labels));
  }

  quantile(q: number, labels: Labels = {}): number | undefined {
    const counts = this.#merge(labels);
    const rank = q * sum(counts);
    if (sum(counts) === 0) return undefined;
    let below = 0;
    for (const [at, bound] of this.#bounds.entries()) {
      const inside = counts[at]!;
      if (inside > 0 && below + inside >= rank) {
        const start = at === 0 ? 0 : this.#bounds[at - 1]!;
        return start + (bound - start) * ((rank - below) / inside);
      }
      below += inside;
    }
    return this.#bounds.at(-1);
  }

  write(): string {
    const name = this.#name;
    return (
      head(name, 'histogram', this.#help) +
      this.#series.write((shown, { counts, sum: total }, more) => {
        let below = 0;
        const lines = [...this.#bounds.map(String), '+Inf'].map((le, at) => {
          below += counts[at]!;
          return `${name}_bucket${more({ le })} ${below}\n`;
        });
        return `${lines.join('')}${name}_sum${shown} ${total}\n${name}_count${shown} ${below}\n`;
      })
    );
  }

  #merge(labels: Labels): Float64Array {
    const merged = new Float64Array(this.#bounds.length + 1);
    for (const { counts } of this.#series.matching(labels)) {
      for (const [at, n] of counts.entries()) merged[at]! += n;
    }
    return merged;
  }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, n) => total + n, 0);
}
