import { BacklotError } from '@backlot/core';
import { storefronts as allStorefronts, findStorefront, type Storefront } from './storefront.ts';

/** How large a simulated store is, and from which seed it grows. */
export interface SimulationOptions {
  /** An integer; the same options and seed give the same store on every machine. */
  readonly seed: number;
  /** 1 to 20 million. */
  readonly accounts: number;
  /** 6 to 5 million, of all media kinds. */
  readonly items: number;
  /** 1 to 3,660. */
  readonly days: number;
  /** How many plays and purchases together; 0 to 10 billion. */
  readonly events: number;
  /** The first day, `YYYY-MM-DD`; a Monday in January 2026 when absent. */
  readonly startsOn?: string;
  /** Codes of the storefronts that take part; all when absent. */
  readonly storefronts?: readonly string[];
}

/** The options, checked. */
export interface Simulation {
  readonly seed: number;
  readonly accounts: number;
  readonly items: number;
  readonly days: number;
  readonly events: number;
  /** Midnight UTC of the first day, milliseconds since 1970. */
  readonly startsAt: number;
  readonly storefronts: readonly Storefront[];
}

/** Options outside of what can be simulated. */
export class SimulationRefused extends BacklotError {
  constructor(reason: string) {
    super({ code: 'E-MEDIA-001', kind: 'usage', reason });
  }
}

const ranges = {
  seed: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  accounts: [1, 20_000_000],
  items: [6, 5_000_000],
  days: [1, 3_660],
  events: [0, 10_000_000_000],
} as const;

/** Checks options and fills in what is absent. */
export function checkSimulation(options: SimulationOptions): Simulation {
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const given = options[name as keyof typeof ranges];
    if (!Number.isInteger(given) || given < least || given > most) {
      throw new SimulationRefused(
        `${name} is ${given}; an integer of ${least} to ${most} is allowed`,
      );
    }
  }
  const { seed, accounts, items, days, events, startsOn = '2026-01-05' } = options;
  return {
    seed,
    accounts,
    items,
    days,
    events,
    startsAt: dayStart(startsOn),
    storefronts: chooseStorefronts(options.storefronts),
  };
}

function dayStart(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new SimulationRefused('startsOn is not a day YYYY-MM-DD');
  return at;
}

function chooseStorefronts(codes: readonly string[] | undefined): readonly Storefront[] {
  if (codes === undefined) return allStorefronts;
  if (codes.length === 0) throw new SimulationRefused('storefronts is empty; at least 1 is needed');
  return [...new Set(codes)].map((code) => {
    const found = findStorefront(code);
    if (!found) throw new SimulationRefused('a code in storefronts is not that of a storefront');
    return found;
  });
}
