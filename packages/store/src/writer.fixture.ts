import process from 'node:process';
import { realIo } from '@backlot/core';
import { openPostgresMetadata } from './postgres-metadata.ts';

/** A process of its own that adds one to a counter, as often as it is told. */
const [url, times] = process.argv.slice(2);
const schemas = [{ name: 'counter', migrations: [['CREATE TABLE counter (n INTEGER NOT NULL)']] }];
const metadata = await openPostgresMetadata({ url: url!, clock: realIo().clock, schemas });
for (let time = 0; time < Number(times); time++) {
  await metadata.write(async (tx) => {
    const row = await tx.get<{ n: number }>('SELECT n FROM counter');
    if (row) await tx.run('UPDATE counter SET n = ?', row.n + 1);
    else await tx.run('INSERT INTO counter (n) VALUES (1)');
    await tx.record({ workspace: 'w', actor: 'a', action: 'counter.add', resource: 'counter' });
  });
}
await metadata.close();
