import type { ParameterValue } from '../constraint.ts';

/** The values that a search tries for a hyper-parameter. */
export type Axis =
  | { readonly choices: readonly ParameterValue[] }
  | {
      readonly from: number;
      readonly to: number;
      readonly scale?: 'linear' | 'log';
      readonly whole?: boolean;
    };

/** Axes by the parameter's name, or its path into parts: `steps.1.penalty`, `estimator.depth`. */
export type Space = Readonly<Record<string, Axis>>;

/** The value of an axis at a place from 0 to 1. */
export function valueAt(axis: Axis, place: number): ParameterValue {
  if ('choices' in axis) {
    return axis.choices[
      Math.min(axis.choices.length - 1, Math.floor(place * axis.choices.length))
    ]!;
  }
  const { from, to, scale, whole } = axis;
  const value = scale === 'log' ? from * (to / from) ** place : from + (to - from) * place;
  return Math.min(to, Math.max(from, whole ? Math.round(value) : value));
}

/** The place of a value on its axis, from 0 to 1; the middle of its part for a choice. */
export function placeOf(axis: Axis, value: ParameterValue): number {
  if ('choices' in axis) {
    const at = axis.choices.findIndex((choice) => Object.is(choice, value));
    return (at + 0.5) / axis.choices.length;
  }
  const { from, to, scale } = axis;
  if (from === to) return 0.5;
  const number = value as number;
  return scale === 'log'
    ? Math.log(number / from) / Math.log(to / from)
    : (number - from) / (to - from);
}
