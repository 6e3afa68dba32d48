import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes } from '@backlot/core';
import { lastOf, tenantsWorld } from './handlers.fixture.ts';

test('tables, quarantine and deliveries are those of the workspace', async (t) => {
  const { tenants } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const { tables } = await api.owner.listTables();
  assert.deepEqual(
    tables.map(({ name, rows, quarantined }) => [name, rows, quarantined]),
    [[ids.table, 2, 1]],
  );
  const params = { table: ids.table };
  const table = await api.owner.readTable({ params });
  const ms = table.profile?.find(({ name }) => name === 'ms');
  assert.deepEqual([ms?.nulls, ms?.distinct, ms?.min, ms?.max], [0, 2, 1, 3]);
  const account = table.profile?.find(({ name }) => name === 'account');
  assert.deepEqual([account?.top, account?.min], [undefined, undefined]);
  assert.equal(table.snapshots[0]?.digest, tables[0]?.snapshot);

  const { rows } = await api.owner.listQuarantine({ params, query: { delivery: ids.delivery } });
  assert.deepEqual(
    rows.map(({ row, column, rule, delivery }) => [row, column, rule, delivery]),
    [[2, 'ms', 'below-min', ids.delivery]],
  );
  const other = { delivery: tenants.archive.ids.delivery };
  assert.deepEqual((await api.owner.listQuarantine({ params, query: other })).rows, []);
  const { deliveries } = await api.owner.listDeliveries();
  assert.deepEqual(
    deliveries.map(({ id, rows: read, accepted, quarantined }) => [
      id,
      read,
      accepted,
      quarantined,
    ]),
    [[ids.delivery, 3, 2, 1]],
  );
});

test('bytes are stored as they come and their run can be watched', async (t) => {
  const { tenants, services } = await tenantsWorld(t);
  const { api, ids } = tenants.store;
  const body = Uint8Array.of(0, 255, 60, 0x0d, 0x0a);
  const params = { table: ids.table };
  const given = await api.author.deliver({ params, query: { format: 'csv' }, body });
  assert.deepEqual([given.source, given.bytes], [digestOfBytes(body), 5]);
  assert.deepEqual(new Uint8Array(await services.objects.get(digestOfBytes(body))), body);
  assert.equal((await lastOf(api.author, given.run)).state, 'succeeded');
  const approver = api.approver.deliver({ params, query: { format: 'csv' }, body });
  await assert.rejects(approver, { status: 403 });
});
