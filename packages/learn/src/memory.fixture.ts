import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Examples, fit, fitMemory, type Interactions } from './index.ts';
import { type MemoryCase, memoryCases } from './memory-cases.fixture.ts';

/** Run with `--expose-gc` and the label of a case: fits it and prints what it states and what it held. */
const label = process.argv[2];
const found = memoryCases().find((one) => one.label === label);
if (!found) throw new Error(`no case is called ${label}`);
const { specification, data } = found;
// Kernels, ONNX Runtime and threads come once and stay; they are not the fit's.
await fit(specification, data(256) as Interactions, { threads: 2, seed: 1 });
const given = sized(found) as Interactions;
const stated = fitMemory(specification, given);
await settle();
const before = reading('VmRSS');
// Linux forgets the highest mark of the process.
writeFileSync('/proc/self/clear_refs', '5');
const begin = performance.now();
const model = await fit(specification, given, { threads: 2, seed: 1 });
const seconds = (performance.now() - begin) / 1000;
const peak = reading('VmHWM') - before;
console.log(JSON.stringify({ label, stated, peak, seconds, kind: model.kind }));

/** As many rows as make the bound stand out from what the runtime itself takes, four times the usual at most. */
function sized({ specification, data, rows, grows }: MemoryCase): Examples | Interactions {
  const usual = data(rows);
  const wanted = (192 * 2 ** 20) / fitMemory(specification, usual);
  return grows && wanted > 1 ? data(Math.ceil(rows * Math.min(4, wanted))) : usual;
}

async function settle(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await wait(50);
  }
}

/** Of the kernel's own account of this process, in bytes. */
function reading(name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]);
}
