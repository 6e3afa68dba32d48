import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realIo } from '@backlot/core';
import { float, key, relation, table, timestamp } from '@backlot/data';
import { entity, featureView } from '@backlot/features';
import { openOwner } from '../../packages/backlot/src/owner/owner.ts';
import { storageOf } from '../../packages/backlot/src/owner/storage.ts';

const task = JSON.parse(process.argv[2]!);
const names = Array.from({ length: task.features }, (_, index) => `f${index}`);
const floats = Object.fromEntries(names.map((name) => [name, float()]));
const events = table(
  'events',
  { event: key('event'), entity: key('entity'), at: timestamp(), ...floats },
  { purposes: ['serve'] },
);
const view = featureView('bench', {
  ...{
    entity: entity('entity', { key: 'entity' }),
    from: relation(events),
    at: 'at',
    event: 'event',
  },
  // biome-ignore lint/suspicious/noExplicitAny: the columns are made in a loop.
  features: (of: any) => Object.fromEntries(names.map((name) => [name, of.latest(name)])),
} as never);
const home = await mkdtemp(join(tmpdir(), 'backlot-online-'));
const owner = await openOwner({
  ...{
    io: realIo(),
    home: join(home, 'state'),
    port: 0,
    console: false,
    path: process.env.PATH ?? '',
  },
  project: { name: 'bench', folder: home, configured: true, tables: [events], features: [view] },
  storage: storageOf({}, {}),
  log: () => undefined,
  onFault: (error) => {
    throw error;
  },
});
try {
  const rows = Array.from({ length: task.entities }, (_, index) => ({
    ...{ event: 'e', entity: `k${index}`, at: 1_700_000_000_000_000 },
    ...Object.fromEntries(names.map((name, at) => [name, (index * 31 + at * 7) / 8 + 0.1])),
  }));
  await owner.services.features('main').push('bench', rows);
  const bodies = Array.from({ length: 50 }, (_, at) => {
    const keys = Array.from(
      { length: task.keys },
      (_unused, index) => `k${(at * 37 + index * 7) % task.entities}`,
    );
    return JSON.stringify({ views: [{ name: 'bench', digest: view.digest }], keys });
  });
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${owner.credentials.author}`,
    'x-backlot': '1',
  };
  const wish = { url: `${owner.address}/api/v1/features/vectors`, headers, bodies, ...task.asking };
  const { p50 } = JSON.parse(await asked({ ...wish, output: task.output }));
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds: p50, peakBytes }));
} finally {
  await owner.close({ graceMs: 100 });
  await rm(home, { recursive: true, force: true });
}

function asked(wish: object): Promise<string> {
  const script = join(import.meta.dirname, 'ask.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(wish)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`the client ended with ${code}`)),
    );
  });
}
