import { PurposeRefused } from '@backlot/access';
import type { Digest } from '@backlot/core';
import {
  columnRules,
  type DeliverySummary,
  driftBetween,
  exportCroissant,
  listDeliveries,
  listTables,
  quarantinePage,
  type RetentionRun,
  readManifest,
  readReport,
  retentionFacts,
  ruleName,
  type SnapshotProfile,
  type TableDetail,
  tableDetail,
} from '@backlot/data';
import type * as z from 'zod';
import * as tables from '../api/tables.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import type { Services } from './services.ts';

/** Tables with their snapshots and quarantine, and the deliveries that fill them. */
export function tableRoutes(services: Services): readonly Route[] {
  const { metadata, objects } = services;
  return [
    ...deliveryRoutes(services),
    route(tables.listTables, async ({ principal }) => ({
      tables: (await listTables(metadata, principal.workspace)).map((table) => ({
        ...table,
        purposes: [...table.purposes],
      })),
    })),
    route(tables.readTable, async ({ principal, params }) => {
      const found = await tableDetail(metadata, principal.workspace, params.table);
      if (!found) throw new ServerError('unknownRoute', 'there is no such table here');
      return tableView(services, principal.workspace, found);
    }),
    route(tables.readCroissant, async ({ principal, params, query }) => {
      const found = await tableDetail(metadata, principal.workspace, params.table);
      const [newest] = found?.snapshots ?? [];
      if (!newest) throw new ServerError('unknownRoute', 'there is no such table here');
      const described = exportCroissant(await readManifest(objects, newest.digest), {
        ...{ contentUrl: query.url, license: query.license, creator: query.creator },
        datePublished: new Date(newest.at).toISOString(),
      });
      return described as z.input<typeof tables.readCroissant.result>;
    }),
    route(tables.listQuarantine, async ({ principal, params, query }) => {
      const { limit, after, delivery } = query;
      const page = await quarantinePage(metadata, objects, principal.workspace, {
        ...{ table: params.table, limit },
        ...(after !== undefined && { after }),
        ...(delivery !== undefined && { delivery }),
      });
      // Rows without a table are those of a first delivery that was refused as a whole.
      const empty = page.rows.length === 0;
      if (empty && !(await tableDetail(metadata, principal.workspace, params.table))) {
        throw new ServerError('unknownRoute', 'there is no such table here');
      }
      return {
        rows: page.rows.map(({ delivery: of, row, column, rule, mend }) => ({
          ...{ delivery: of, row, column, rule, mend },
        })),
        ...(page.next !== undefined && { next: page.next }),
      };
    }),
  ];
}

async function tableView(services: Services, workspace: string, found: TableDetail) {
  const { contract, snapshots } = found;
  const before = snapshots[0]?.previous;
  const profile = await profileOf(services, workspace, found.snapshot);
  const profileBefore = await profileOf(services, workspace, before);
  const { runs, ...retention } = await retentionFacts(services.metadata, workspace, contract);
  const last = await listDeliveries(services.metadata, workspace, { limit: 1, table: found.name });
  return {
    ...{
      name: found.name,
      contractDigest: found.contractDigest,
      contractVersion: found.contractVersion,
    },
    purposes: [...contract.purposes],
    ...(contract.retentionDays !== undefined && { retentionDays: contract.retentionDays }),
    columns: contract.columns.map((column) => ({
      ...{ name: column.name, type: column.kind, optional: column.optional },
      ...{ sensitivity: column.sensitivity, purposes: [...contract.purposes] },
      rules: tellingFirst(columnRules(column)),
    })),
    ...(profile && { profile: profileView(profile, profileBefore) }),
    ...(profileBefore && { profileBefore: profileView(profileBefore) }),
    snapshots: snapshots.map(({ previous: _, ...snapshot }) => snapshot),
    retention: { ...retention, runs: runs.map(runView) },
    rules: rulesOf(found, last.deliveries[0]),
    quality: await qualityView(services, workspace, found),
    quarantine: found.quarantine.map((group) => ({ ...group })),
  };
}

async function qualityView(services: Services, workspace: string, found: TableDetail) {
  const rules = services.quality.rulesOf(found.name) ?? found.contract.rules ?? [];
  const report = found.snapshot && (await readReport(services.metadata, workspace, found.snapshot));
  return {
    rules: rules.map((one) => ({
      ...{ rule: ruleName(one), kind: one.kind, severity: one.severity ?? ('block' as const) },
    })),
    ...(report && {
      report: {
        ...{ at: report.at, passed: report.passed },
        results: report.results.map((one) => ({
          ...one,
          ...{ columns: [...one.columns], sample: [...one.sample] },
        })),
      },
    }),
  };
}

/** Rules of the column's own before those that most columns have. */
function tellingFirst(rules: readonly string[]): string[] {
  const common = (rule: string): boolean => /^(?:required|stored as|at most)/.test(rule);
  return [...rules.filter((rule) => !common(rule)), ...rules.filter(common)];
}

type ShownProfile = NonNullable<z.input<typeof tables.readTable.result>['profile']>;

/** The profile, or nothing where the contract does not let its rows be measured. */
async function profileOf(
  services: Services,
  workspace: string,
  snapshot: Digest | undefined,
): Promise<SnapshotProfile | undefined> {
  if (snapshot === undefined) return undefined;
  try {
    return await services.profile(snapshot, workspace);
  } catch (error) {
    if (error instanceof PurposeRefused) return undefined;
    throw error;
  }
}

function profileView(profile: SnapshotProfile, before?: SnapshotProfile): ShownProfile {
  const drifts = before ? driftBetween(before, profile) : [];
  return profile.columns.map(({ grid: _, ...column }) => {
    const { quantiles, histogram, top, languages, ...rest } = column;
    const { name: __, ...drift } = drifts.find(({ name }) => name === column.name) ?? {};
    return {
      ...rest,
      ...(quantiles && { quantiles: [...quantiles] }),
      ...(histogram && { histogram: { ...histogram, counts: [...histogram.counts] } }),
      ...(top && { top: top.map((one) => ({ ...one })) }),
      ...(languages && { languages: languages.map((one) => ({ ...one })) }),
      ...('nulls' in drift && { drift }),
    };
  });
}

function runView({ snapshotsRemoved, snapshotsHeld, ...run }: RetentionRun) {
  return {
    ...run,
    snapshotsRemoved: [...snapshotsRemoved],
    snapshotsHeld: [...snapshotsHeld],
  };
}

/** Each column's rules, and what the newest delivery broke of them. */
function rulesOf({ contract }: TableDetail, last: DeliverySummary | undefined) {
  const checked = last?.receipt.rows ?? 0;
  return contract.columns.flatMap((column) => {
    const broken = (last?.receipt.reasons ?? [])
      .filter((reason) => reason.column === column.name)
      .reduce((sum, reason) => sum + reason.rows, 0);
    const names = columnRules(column);
    if (names.length === 0) return [];
    const allowed = checked * contract.maxBadShare;
    const state =
      broken === 0 ? ('ok' as const) : broken <= allowed ? ('warn' as const) : ('fail' as const);
    return [{ name: `${column.name}: ${names.join(', ')}`, state, broken, checked }];
  });
}
