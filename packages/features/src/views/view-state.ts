import { assert } from '@backlot/core';
import { type Aggregate, compareEvents, type FeatureValue } from '../aggregates/aggregate.ts';
import { aggregateOf } from '../aggregates/aggregates.ts';
import { durationMicros } from '../duration.ts';
import { type FeatureView, featureList, inputColumns } from './feature-view.ts';

/** An event of a view: its time, its name, and the values of the view's input columns in order. */
export interface ViewEvent {
  readonly at: number;
  readonly id: string | number;
  readonly values: readonly FeatureValue[];
}

/**
 * What is known of one key in one view: events before `through` as aggregate states in tiles, later
 * ones as they are. Plain structured data.
 */
export interface ViewState {
  through: number;
  /** Where the last build of the key ended; folding what was pushed may move `through` beyond it. */
  built?: number;
  /** The newest event before `through`. */
  latest?: ViewEvent;
  /** By the start of each tile, for each windowed feature in order. */
  tiles: Map<number, unknown>[];
  /** Events from `through` on, ascending. */
  recent: ViewEvent[];
}

/** The values at a moment, and until when they stay the same if nothing more is pushed. */
interface Reading {
  readonly values: readonly FeatureValue[];
  /** Exclusive, in microseconds; `Infinity` where nothing will change. */
  readonly validUntil: number;
}

interface Windowed {
  readonly at: number;
  readonly aggregate: Aggregate<unknown>;
  /** The place of its column among the inputs; -1 where it counts events. */
  readonly input: number;
  readonly window: number;
  readonly tile: number;
}

/** A view made ready to compute: the one definition that a training set and serving go through. */
export class ViewProgram {
  readonly view: FeatureView;
  readonly columns: readonly string[];
  readonly #windowed: readonly Windowed[];
  readonly #latest: readonly (readonly [at: number, input: number])[];
  readonly #width: number;
  readonly #ttl: number;
  /** The longest that an event can matter to a window. */
  readonly #horizon: number;

  constructor(view: FeatureView) {
    this.view = view;
    this.columns = inputColumns(view);
    const features = featureList(view);
    this.#width = features.length;
    this.#ttl = view.ttl ? durationMicros(view.name, view.ttl) : Number.POSITIVE_INFINITY;
    const inputOf = (column?: string) => (column === undefined ? -1 : this.columns.indexOf(column));
    this.#windowed = features.flatMap((feature, at) =>
      feature.aggregate === 'latest'
        ? []
        : [
            {
              ...{ at, aggregate: aggregateOf(feature), input: inputOf(feature.column) },
              ...{ window: feature.window!, tile: feature.tile! },
            },
          ],
    );
    this.#latest = features.flatMap((feature, at) =>
      feature.aggregate === 'latest' ? [[at, inputOf(feature.column)] as const] : [],
    );
    this.#horizon = Math.max(0, ...this.#windowed.map(({ window, tile }) => window + tile));
  }

  empty(): ViewState {
    return {
      through: Number.NEGATIVE_INFINITY,
      tiles: this.#windowed.map(() => new Map()),
      recent: [],
    };
  }

  /** Takes events in the range from `through` to `to` into the tiles; `to` becomes `through`. */
  absorb(state: ViewState, events: readonly ViewEvent[], to: number): void {
    for (const event of events) {
      assert(
        event.at >= state.through && event.at < to,
        'an event lies in the range it is taken for',
      );
      if (!state.latest || compareEvents(event, state.latest) > 0) state.latest = event;
      this.#windowed.forEach(({ aggregate, input, tile }, index) => {
        const start = tileStart(event.at, tile);
        const held = state.tiles[index]!.get(start) ?? aggregate.prepare();
        state.tiles[index]!.set(start, aggregate.update(held, seen(event, input)));
      });
    }
    state.through = to;
    state.recent = state.recent.filter(({ at }) => at >= to);
    this.#windowed.forEach(({ window, tile }, index) => {
      for (const start of state.tiles[index]!.keys()) {
        if (start < tileStart(to - window, tile)) state.tiles[index]!.delete(start);
      }
    });
  }

  /** Adds an event as it happened. */
  push(state: ViewState, event: ViewEvent): 'accepted' | 'repeated' | 'late' {
    if (event.at < state.through) return 'late';
    const { recent } = state;
    let at = recent.length;
    while (at > 0 && compareEvents(recent[at - 1]!, event) > 0) at--;
    if (at > 0 && compareEvents(recent[at - 1]!, event) === 0) return 'repeated';
    recent.splice(at, 0, event);
    return 'accepted';
  }

  /** Bounds what is kept as events: the older half goes into tiles, never what is still to come. */
  fold(state: ViewState, now: number, keep: number): void {
    if (state.recent.length <= keep) return;
    const to = Math.min(state.recent[state.recent.length >> 1]!.at, now);
    if (to > state.through)
      this.absorb(
        state,
        state.recent.filter(({ at }) => at < to),
        to,
      );
  }

  /** Whether anything that is known can still matter to a value at that moment or later. */
  isAlive({ recent, latest }: ViewState, now: number): boolean {
    const newest = recent.at(-1) ?? latest;
    if (!newest) return false;
    return newest.at >= now - Math.max(this.#latest.length > 0 ? this.#ttl : 0, this.#horizon);
  }

  /** The values at a moment that is not before `through`; events of that very moment count. */
  read(state: ViewState, now: number): Reading {
    assert(now >= state.through, 'a state is read at a moment after what it has summed up');
    const values = new Array<FeatureValue>(this.#width).fill(null);
    let end = 0;
    while (end < state.recent.length && state.recent[end]!.at <= now) end++;
    let validUntil = state.recent[end]?.at ?? Number.POSITIVE_INFINITY;
    this.#windowed.forEach((windowed, index) => {
      const until = readWindow(windowed, { state, tiles: state.tiles[index]!, now, end, values });
      validUntil = Math.min(validUntil, until);
    });
    if (this.#latest.length > 0) {
      validUntil = Math.min(validUntil, this.#readLatest(state, { now, end, values }));
    }
    return { values, validUntil };
  }

  #readLatest(
    { recent, latest: summed }: ViewState,
    {
      now,
      end,
      values,
    }: { readonly now: number; readonly end: number; readonly values: FeatureValue[] },
  ): number {
    const latest = end > 0 ? recent[end - 1] : summed;
    if (!latest || latest.at < now - this.#ttl) return Number.POSITIVE_INFINITY;
    for (const [at, input] of this.#latest) values[at] = latest.values[input]!;
    return latest.at + this.#ttl + 1;
  }
}

interface WindowRead {
  readonly state: ViewState;
  readonly tiles: ReadonlyMap<number, unknown>;
  readonly now: number;
  /** How many of the recent events have happened. */
  readonly end: number;
  readonly values: FeatureValue[];
}

/** Computes one window, and answers when its oldest content leaves it. */
function readWindow(
  { at, aggregate, input, window, tile }: Windowed,
  { state, tiles, now, end, values }: WindowRead,
): number {
  const from = tileStart(now - window, tile);
  let oldest = Number.POSITIVE_INFINITY;
  let result = aggregate.prepare();
  for (const [start, held] of tiles) {
    if (start < from) continue;
    result = aggregate.merge(result, held);
    oldest = Math.min(oldest, start);
  }
  for (let index = 0; index < end; index++) {
    const event = state.recent[index]!;
    if (event.at < from) continue;
    result = aggregate.update(result, seen(event, input));
    oldest = Math.min(oldest, tileStart(event.at, tile));
  }
  values[at] = aggregate.finalise(result);
  return oldest + tile + window;
}

function seen({ at, id, values }: ViewEvent, input: number) {
  return { at, id, value: input < 0 ? null : values[input]! };
}

/** The start of the tile that a moment lies in. */
function tileStart(at: number, tile: number): number {
  return Math.floor(at / tile) * tile;
}
