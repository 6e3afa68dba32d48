import { throwIfCancelled } from '@backlot/core';
import type { FitOptions } from '../fit-options.ts';
import { turn } from '../recommenders/rank-rows.ts';

/** Visits texts in their order; between blocks of them signals are seen and timers have their turn. */
export async function eachText(
  texts: readonly string[],
  options: Omit<FitOptions, 'seed'>,
  step: string,
  visit: (text: string, row: number) => void,
): Promise<void> {
  const block = 1024;
  for (let from = 0; from < texts.length; from += block) {
    throwIfCancelled(options.signal, step);
    const to = Math.min(texts.length, from + block);
    for (let row = from; row < to; row++) visit(texts[row]!, row);
    options.onProgress?.({ step, done: to, total: texts.length });
    if (to < texts.length) await turn();
  }
}
