import type { Clock } from '@backlot/core';

/** How many answers took at most so long, cumulative as OpenMetrics wants it. */
export interface LatencyBucket {
  /** Milliseconds; the last is infinite and given as `null`. */
  readonly leMs: number | null;
  readonly count: number;
}

export interface MinuteFigures {
  /** The minute's beginning, milliseconds UTC. */
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What an endpoint counted since it was opened. */
export interface EndpointFigures {
  readonly requests: number;
  readonly errors: number;
  /** By error code. */
  readonly errorCodes: Readonly<Record<string, number>>;
  /** Answers by what they rest on: `account`, `history`, `popularity`, `storefront-popularity`. */
  readonly answers: Readonly<Record<string, number>>;
  readonly latency: {
    readonly buckets: readonly LatencyBucket[];
    readonly sumMs: number;
    readonly count: number;
  };
  /** Exact over the last 2,048 answers; absent before the first. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Minutes of the last hour that had requests, oldest first. */
  readonly minutes: readonly MinuteFigures[];
}

/** Bounds grow by a quarter from 50 microseconds to a minute: a quantile is at most 25% too high. */
const bounds: readonly number[] = Array.from({ length: 64 }, (_, index) => 0.05 * 1.25 ** index);
const windowSize = 2_048;
const minuteMs = 60_000;
const keptMinutes = 60;

/** Counts answers and errors of one endpoint, in bounded memory. */
export class EndpointMetrics {
  readonly #clock: Clock;
  readonly #total = new Histogram();
  readonly #recent = new Float64Array(windowSize);
  readonly #minutes = new Map<number, { errors: number; histogram: Histogram }>();
  readonly #answers = new Map<string, number>();
  readonly #errorCodes = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  answered(basis: string, ms: number): void {
    this.#recent[this.#total.count % windowSize] = ms;
    this.#total.add(ms);
    this.#minute().histogram.add(ms);
    increment(this.#answers, basis);
  }

  failed(code: string): void {
    this.#minute().errors++;
    increment(this.#errorCodes, code);
  }

  figures(): EndpointFigures {
    const errors = [...this.#errorCodes.values()].reduce((sum, count) => sum + count, 0);
    const recent = this.#recent.slice(0, Math.min(this.#total.count, windowSize)).sort();
    return {
      requests: this.#total.count + errors,
      errors,
      errorCodes: Object.fromEntries(this.#errorCodes),
      answers: Object.fromEntries(this.#answers),
      latency: this.#total.cumulative(),
      ...(recent.length > 0 && { p50Ms: rank(recent, 0.5), p99Ms: rank(recent, 0.99) }),
      minutes: [...this.#minutes].map(([minute, { errors: failed, histogram }]) => ({
        ...{ at: minute * minuteMs, requests: histogram.count + failed, errors: failed },
        ...{ p50Ms: histogram.quantile(0.5), p99Ms: histogram.quantile(0.99) },
      })),
    };
  }

  #minute(): { errors: number; histogram: Histogram } {
    const minute = Math.floor(this.#clock.now() / minuteMs);
    const known = this.#minutes.get(minute);
    if (known) return known;
    const fresh = { errors: 0, histogram: new Histogram() };
    this.#minutes.set(minute, fresh);
    for (const old of this.#minutes.keys()) {
      if (this.#minutes.size > keptMinutes || old <= minute - keptMinutes)
        this.#minutes.delete(old);
    }
    return fresh;
  }
}

/** The value at a quantile of ascending values (nearest rank). */
function rank(sorted: Float64Array, quantile: number): number {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)]!;
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

class Histogram {
  readonly #counts = new Uint32Array(bounds.length + 1);
  #sum = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const at = bounds.findIndex((bound) => ms <= bound);
    this.#counts[at < 0 ? bounds.length : at]!++;
    this.#sum += ms;
    this.#count++;
  }

  /** The upper bound of the bucket in which the quantile falls; 0 when nothing was added. */
  quantile(quantile: number): number {
    const wanted = Math.ceil(quantile * this.#count);
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted && count > 0) return bounds[index] ?? bounds.at(-1)!;
    }
    return 0;
  }

  cumulative(): EndpointFigures['latency'] {
    let seen = 0;
    const buckets = Array.from(this.#counts, (count, index) => {
      seen += count;
      return { leMs: bounds[index] ?? null, count: seen };
    });
    return { buckets, sumMs: this.#sum, count: this.#count };
  }
}
