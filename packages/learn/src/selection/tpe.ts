import type { ParameterValue } from '../constraint.ts';
import { type Axis, placeOf, type Space, valueAt } from './axis.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Candidates that are drawn for each axis; the one most typical of the good is taken. */
const candidates = 24;
/** The share of trials that count as good. */
const goodShare = 0.25;

/**
 * The next parameters by the tree-structured Parzen estimator (Bergstra et al. 2011, section 4), axis by
 * axis: of values drawn near the good ones, that which is likeliest among them against the rest. `past` is
 * best first; `uniform` draws from 0 to 1.
 */
export function proposeByTpe(
  space: Space,
  past: readonly Parameters[],
  uniform: () => number,
): Parameters {
  const good = Math.max(1, Math.ceil(goodShare * past.length));
  return Object.fromEntries(
    Object.entries(space).map(([name, axis]) => {
      const places = past.map((parameters) => placeOf(axis, parameters[name]!));
      const propose = 'choices' in axis ? proposeChoice : proposePlace;
      return [
        name,
        valueAt(axis, propose(axis, places.slice(0, good), places.slice(good), uniform)),
      ];
    }),
  );
}

type Propose = (
  axis: Axis,
  good: readonly number[],
  rest: readonly number[],
  uniform: () => number,
) => number;

/** Choices are counted with one in advance for each. */
const proposeChoice: Propose = (axis, good, rest, uniform) => {
  const count = 'choices' in axis ? axis.choices.length : 1;
  const share = (places: readonly number[], choice: number): number => {
    const same = places.filter((place) => Math.floor(place * count) === choice).length;
    return (same + 1) / (places.length + count);
  };
  let [best, most] = [0, -Infinity];
  for (let draw = 0; draw < candidates; draw++) {
    const choice = drawChoice(count, (one) => share(good, one), uniform());
    const ratio = share(good, choice) / share(rest, choice);
    if (ratio > most) [best, most] = [choice, ratio];
  }
  return (best + 0.5) / count;
};

function drawChoice(count: number, share: (choice: number) => number, place: number): number {
  let passed = 0;
  for (let choice = 0; choice < count; choice++) {
    passed += share(choice);
    if (place < passed) return choice;
  }
  return count - 1;
}

const proposePlace: Propose = (_axis, good, rest, uniform) => {
  const [near, far] = [windowsOf(good), windowsOf(rest)];
  let [best, most] = [0.5, -Infinity];
  for (let draw = 0; draw < candidates; draw++) {
    const at = Math.floor(uniform() * near.length);
    const { centre, width } = near[at]!;
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    // Reflected at both ends, so that no mass is lost outside.
    const place = reflect(centre + width * radius);
    const ratio = density(near, place) / density(far, place);
    if (ratio > most) [best, most] = [place, ratio];
  }
  return best;
};

interface Window {
  readonly centre: number;
  readonly width: number;
}

/** A wide window for what is not known yet, and one around each place as wide as to its farther neighbour. */
function windowsOf(places: readonly number[]): readonly Window[] {
  const sorted = [...places].sort((a, b) => a - b);
  const least = 1 / Math.min(100, places.length + 2);
  const own = sorted.map((centre, at) => {
    const left = centre - (sorted[at - 1] ?? 0);
    const right = (sorted[at + 1] ?? 1) - centre;
    return { centre, width: Math.min(1, Math.max(left, right, least)) };
  });
  return [{ centre: 0.5, width: 1 }, ...own];
}

function density(windows: readonly Window[], place: number): number {
  let sum = 0;
  for (const { centre, width } of windows) {
    for (const image of [place, -place, 2 - place]) {
      sum += Math.exp(-(((image - centre) / width) ** 2) / 2) / width;
    }
  }
  return sum / windows.length;
}

function reflect(place: number): number {
  const folded = Math.abs(place) % 2;
  return folded > 1 ? 2 - folded : folded;
}
