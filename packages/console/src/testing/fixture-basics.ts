import { createHash } from 'node:crypto';
import type { Estimate } from '../api-types.ts';

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A digest that begins as the story tells it. */
export function digest(beginning: string): string {
  const hex = createHash('sha256').update(beginning).digest('hex');
  return `sha256:${beginning}${hex.slice(beginning.length)}`;
}

/** A run's id that begins as the story tells it. */
export function runId(beginning: string): string {
  return beginning + createHash('sha256').update(beginning).digest('hex').slice(0, 18);
}

export function estimate(value: number, low: number, high: number): Estimate {
  return { value, low, high, level: 0.95 };
}

/** Counts of a smooth shape, for histograms. */
export function shape(bins: number, height: (position: number) => number): number[] {
  return Array.from({ length: bins }, (_, bin) => Math.round(height((bin + 0.5) / bins)));
}
