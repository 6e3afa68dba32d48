import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AnyContract,
  contracts,
  type EstimatorsView,
  type HomeView,
  type LineageView,
  type RunView,
  type TableView,
  type VersionView,
} from '@backlot/server/client';
import type { Estimators, Home, Lineage, Run, Table, Version } from './api-types.ts';
import { type Fixture, startFixture } from './testing/fixture-server.ts';

/** These compile only while what the server answers is what the pages read. */
const readable = {
  home: (view: HomeView): Home => view,
  run: (view: RunView): Run => view,
  lineage: (view: LineageView): Lineage => view,
  table: (view: TableView): Table => view,
  version: (view: VersionView): Version => view,
  estimators: (view: EstimatorsView): Estimators => view,
};

let fixture: Fixture;
let cookie = '';
before(async () => {
  fixture = await startFixture();
});
after(() => fixture.close());

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${fixture.origin}/api/v1${path}`, {
    method,
    headers: { cookie, 'x-backlot': '1', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  return response.json();
}

const cases: readonly (readonly [AnyContract, string, string, unknown?])[] = [
  [contracts.openSession, 'POST', '/session', { code: 'one-time' }],
  [contracts.whoAmI, 'GET', '/me'],
  [contracts.readHome, 'GET', '/home'],
  [contracts.listTables, 'GET', '/tables'],
  [contracts.readTable, 'GET', '/tables/plays'],
  [contracts.listQuarantine, 'GET', '/tables/plays/quarantine'],
  [contracts.listDeliveries, 'GET', '/deliveries'],
  [contracts.readLineage, 'GET', '/lineage?columns=yes'],
  [contracts.listFeatures, 'GET', '/features'],
  [contracts.readFeatures, 'GET', '/features/listening'],
  [contracts.listPipelines, 'GET', '/pipelines'],
  [contracts.startRun, 'POST', '/pipelines/daily-recommend/runs', { parameters: {} }],
  [contracts.listRuns, 'GET', '/runs'],
  [contracts.readRun, 'GET', '/runs/b81c02e'],
  [contracts.readRun, 'GET', '/runs/7f3a91c'],
  [contracts.readTaskLog, 'GET', '/runs/7f3a91c/tasks/evaluate%2FEG/log'],
  [contracts.resumeRun, 'POST', '/runs/7f3a91c/resume', {}],
  [contracts.listModels, 'GET', '/models'],
  [contracts.listVersions, 'GET', '/models/als-film'],
  [contracts.readVersion, 'GET', '/models/als-film/versions/14'],
  [contracts.listEstimators, 'GET', '/estimators'],
  [contracts.listEndpoints, 'GET', '/endpoints'],
  [contracts.readEndpoint, 'GET', '/endpoints/film-recommend'],
  [contracts.recommend, 'POST', '/endpoints/film-recommend/recommend', { k: 10 }],
  [contracts.replayPrediction, 'POST', '/predictions/pred-4be19c22d1/replay', {}],
  [contracts.listAudit, 'GET', '/audit'],
  [contracts.readAuditEntry, 'GET', '/audit/52'],
  [contracts.verifyAudit, 'POST', '/audit/verify', {}],
  [contracts.listTokens, 'GET', '/tokens'],
];

test('the fixture answers every call as the contracts say', async () => {
  for (const [contract, method, path, body] of cases) {
    assert.equal(contract.method, method, path);
    const pattern = contract.path.replace('/api/v1', '').replace(/:[a-z]+/g, '[^/]+');
    assert.match(path.split('?')[0]!, new RegExp(`^${pattern}$`));
    const found = contract.result.safeParse(await ask(method, path, body));
    assert.ok(found.success, `${path}: ${JSON.stringify(found.error?.issues.slice(0, 3))}`);
  }
  assert.equal(Object.keys(readable).length, 6);
});
