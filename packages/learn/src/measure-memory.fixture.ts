import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What one fit stated and held, in bytes. */
export interface MeasuredMemory {
  readonly stated: number;
  readonly peak: number;
  readonly seconds: number;
}

/**
 * What is no fit's own: the nursery of the JavaScript heap (three parts of 16 MiB), garbage that was not yet
 * collected, code that was compiled on the way.
 */
export const memoryAllowance: number = 48 * 2 ** 20;

/** Fits a case of `memoryCases` in a process of its own. */
export function measureMemory(label: string): MeasuredMemory | { readonly failure: string } {
  const script = join(import.meta.dirname, 'memory.fixture.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, label], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) return { failure: failureIn(stderr) };
  return JSON.parse(stdout) as MeasuredMemory;
}

function failureIn(text: string): string {
  const line = text.split('\n').find((one) => /Error|E-[A-Z]+-\d+|heap/.test(one));
  return (line ?? text).trim().slice(0, 200);
}
