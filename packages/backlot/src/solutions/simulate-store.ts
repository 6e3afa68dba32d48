import { join } from 'node:path';
import { simulatedDelivery, simulateStore } from '@backlot/media';
import { stagedFile, type TaskContext, task } from '@backlot/pipelines';
import { deliveredFile } from '@backlot/tasks';
import * as z from 'zod';

/** The files that a store of the given size would deliver; the run's seed says which store. */
export const simulateStoreFiles = task({
  name: 'simulate-store',
  module: import.meta.url,
  parameters: z.strictObject({
    accounts: z.int().min(1),
    items: z.int().min(6),
    days: z.int().min(1),
    events: z.int().min(0),
    storefronts: z.array(z.string()),
  }),
  outputs: { items: deliveredFile, accounts: deliveredFile, plays: deliveredFile },
  run: async ({ parameters, context }) => {
    const store = simulateStore({ seed: context.seed, ...parameters });
    const write = (table: 'items' | 'accounts' | 'plays'): Promise<string> =>
      writeFile(context, table, simulatedDelivery(store, { table, format: 'jsonl' }));
    return {
      items: stagedFile(await write('items')),
      accounts: stagedFile(await write('accounts')),
      plays: stagedFile(await write('plays')),
    };
  },
});

async function writeFile(
  { io, scratch, signal, progress }: TaskContext,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<string> {
  const path = join(scratch, `${name}.jsonl`);
  const file = await io.files.create(path);
  let bytes = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await file.write(chunk);
    bytes += chunk.byteLength;
    progress({ done: Math.round(bytes / 1024), unit: `KiB of ${name}` });
  }
  await file.close();
  return path;
}
