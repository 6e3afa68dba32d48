import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realIo } from '@backlot/core';
import { deliver, float, int, key, oneOf, subject, table, timestamp } from '@backlot/data';
import { openFileObjects } from '@backlot/store';
import { prepareEvents } from './events.ts';

const events = table(
  'events',
  {
    account: subject(),
    item: key('item'),
    id: int().min(0),
    playedAt: timestamp().min('2020-01-01T00:00:00Z').max('2027-01-01T00:00:00Z'),
    msPlayed: int().min(0).max(86_400_000),
    storefront: oneOf(['us', 'fr', 'jp', 'de', 'br']),
    rating: float().min(0).max(5).optional(),
  },
  { purposes: ['measure'], primaryKey: ['id'] },
);

const task = JSON.parse(process.argv[2]!);
const path = await prepareEvents(task.rows, task.format);
const folder = await mkdtemp(join(tmpdir(), 'backlot-delivery-'));
try {
  const io = realIo();
  const objects = await openFileObjects(io, join(folder, 'objects'));
  const begin = performance.now();
  const { receipt } = await deliver({
    ...{ io, objects, contract: events, source: { path, format: task.format } },
    pseudonyms: { pseudonym: (raw) => createHmac('sha256', 'key').update(raw).digest('hex') },
    ...{ scratch: join(folder, 'scratch'), threads: task.threads },
  });
  const seconds = (performance.now() - begin) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  if (task.output) {
    const outcome = { rows: receipt.rows, bad: receipt.quarantined };
    await writeFile(join(task.output, 'outcome.json'), JSON.stringify(outcome));
  }
  console.log(JSON.stringify({ seconds, peakBytes }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
