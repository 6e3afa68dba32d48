import { isPurpose, type Principal, PurposeRefused } from '@backlot/access';
import { createId, digestOf } from '@backlot/core';
import {
  currentSnapshot,
  openSnapshot,
  overrideQuality,
  qualityOf,
  querySql,
  readOverride,
  type Snapshot,
  TableMissing,
  tableDetail,
} from '@backlot/data';
import * as quality from '../api/quality.ts';
import { Forbidden } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** The rules of tables checked, and questions in SQL. */
export function qualityRoutes(services: Services): readonly Route[] {
  const { metadata, io } = services;
  return [
    route(quality.checkTable, async ({ principal, params: { table }, body, request }) => {
      const { workspace } = principal;
      const snapshot = await currentSnapshot(metadata, workspace, table);
      if (snapshot === undefined) throw new TableMissing(table);
      const parts = { ...services.quality, signal: request.signal };
      const { results, ...report } = await qualityOf(parts, principal, snapshot, true);
      if (body.override !== undefined) {
        const wish = { table, snapshot, reason: body.override, at: io.clock.now() };
        await metadata.write((tx) => overrideQuality(tx, principal, wish));
      }
      const override = await readOverride(metadata, workspace, snapshot);
      return {
        ...report,
        results: results.map((one) => ({
          ...one,
          ...{ columns: [...one.columns], sample: [...one.sample] },
        })),
        ...(override && { override: { ...override } }),
      };
    }),
    route(quality.queryTables, async ({ principal, body, request }) => {
      const { sql, purpose, limit } = body;
      const scratch = `${services.quality.scratch}/sql-${createId(io.random)}`;
      const digests: string[] = [];
      const open = async (table: string): Promise<Snapshot> => {
        const found = await openFor(services, principal, table, purpose);
        digests.push(found.digest);
        return found;
      };
      const options = { ...services.quality, signal: request.signal, scratch };
      try {
        const answer = await querySql(sql, { ...options, maxRows: limit, open });
        const { columns, rows, cut, tables } = answer;
        await metadata.write((tx) =>
          tx.record({
            ...{ workspace: principal.workspace, actor: principal.id, action: 'table.query' },
            resource: `workspace/${principal.workspace}`,
            // The text may hold what is somebody's: only its digest is kept.
            facts: { sql: digestOf(sql), purpose, tables: [...tables], snapshots: digests },
          }),
        );
        const shown = rows.map((row) => [...row]) as never;
        return { columns: [...columns], rows: shown, cut, tables: [...tables] };
      } finally {
        await io.files.remove(scratch);
      }
    }),
  ];
}

/** The current snapshot of a table, where the policies let the principal read it for the purpose. */
async function openFor(
  { metadata, objects, access }: Services,
  principal: Principal,
  table: string,
  purpose: string,
): Promise<Snapshot> {
  const { workspace } = principal;
  const { contract, snapshot } = await tableDetail(metadata, workspace, table);
  if (!isPurpose(purpose)) throw new PurposeRefused(contract.purposes, purpose);
  const resource = { kind: 'table', id: table, workspace, purposes: contract.purposes } as const;
  const context = { purpose };
  const { allowed, reason } = access.authorize({
    principal,
    action: 'table.read',
    resource,
    context,
  });
  if (!allowed) throw new Forbidden('table.read', reason);
  if (snapshot === undefined) throw new TableMissing(table);
  return openSnapshot(objects, snapshot, { purpose });
}
