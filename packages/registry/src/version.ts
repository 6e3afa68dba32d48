import type { Principal } from '@backlot/access';
import { canonicalJson, type Digest, type Json, parseDigest, parseName } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import { AlreadyRegistered, BadRegistration, MovedMeanwhile, NotRegistered } from './error.ts';
import { type Page, type PageRequest, pageOf, readPageRequest } from './page.ts';

/** A registered model: bytes by digest, and everything they came from. */
export interface ModelVersion {
  readonly model: string;
  /** Counts from 1 within its model. */
  readonly version: number;
  readonly digest: Digest;
  readonly bytes: number;
  readonly run: string;
  readonly task: string;
  /** Snapshot digests by the name of the input. */
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly evaluation: Digest;
  readonly card: Digest;
  /** Ids of every principal in the lineage: code, data, run, evaluation. Sorted, without repeats. */
  readonly authors: readonly string[];
  readonly code: Digest;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly createdBy: string;
  readonly createdAt: number;
}

export interface VersionRegistration {
  readonly model: string;
  readonly digest: Digest;
  readonly bytes: number;
  readonly run: string;
  readonly task: string;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly evaluation: Digest;
  readonly card: Digest;
  readonly authors: readonly string[];
  readonly code: Digest;
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly at: number;
}

/**
 * Registers a model's bytes as the next version of a model. The same digest again answers with the
 * version that is there, so that a replayed task commit has one effect; who registers it again is
 * added to the authors, because the lineage is theirs too.
 */
export async function registerVersion(
  tx: Transaction,
  principal: Principal,
  registration: VersionRegistration,
): Promise<ModelVersion> {
  const { workspace } = principal;
  const model = parseName(registration.model, 'model');
  checkRegistration(registration);
  const known = await tx.get<VersionRow>(
    'SELECT * FROM model_versions WHERE workspace = ? AND model = ? AND digest = ?',
    ...[workspace, model, registration.digest],
  );
  if (known) return joinAuthors(tx, principal, toVersion(known), registration.authors);
  const version = await nextVersion(tx, principal, model, registration.at);
  await insertVersion(tx, principal, { ...registration, model }, version);
  await tx.record({
    ...{ workspace, actor: principal.id, action: 'model.register' },
    resource: `model/${model}/${version}`,
    facts: {
      digest: registration.digest,
      inputs: registration.inputs,
      evaluation: registration.evaluation,
      card: registration.card,
      code: registration.code,
    },
  });
  return getVersion(tx, workspace, model, version);
}

function checkRegistration({
  digest,
  evaluation,
  card,
  code,
  inputs,
  authors,
  bytes,
  metrics,
}: VersionRegistration): void {
  for (const one of [digest, evaluation, card, code, ...Object.values(inputs)]) parseDigest(one);
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new BadRegistration(`a model of ${bytes} bytes`);
  if (authors.length === 0) {
    throw new BadRegistration('a version without authors could be approved by anyone; name them');
  }
  for (const [name, value] of Object.entries(metrics ?? {})) {
    if (!Number.isFinite(value))
      throw new BadRegistration(`metric ${name} is ${value}, finite numbers are allowed`);
  }
}

async function joinAuthors(
  tx: Transaction,
  principal: Principal,
  known: ModelVersion,
  authors: readonly string[],
): Promise<ModelVersion> {
  const joined = uniqueSorted([...known.authors, ...authors]);
  if (joined.length === known.authors.length) return known;
  const { workspace } = principal;
  await tx.run(
    'UPDATE model_versions SET authors = ? WHERE workspace = ? AND model = ? AND version = ?',
    ...[canonicalJson(joined), workspace, known.model, known.version],
  );
  await tx.record({
    ...{ workspace, actor: principal.id, action: 'model.register' },
    resource: `model/${known.model}/${known.version}`,
    facts: { digest: known.digest, authors: joined.length },
  });
  return { ...known, authors: joined };
}

async function nextVersion(
  tx: Transaction,
  { workspace, project }: Principal,
  model: string,
  at: number,
): Promise<number> {
  await tx.run(
    `INSERT INTO models (workspace, id, project, versions, created_at) VALUES (?, ?, ?, 0, ?)
     ON CONFLICT (workspace, id) DO NOTHING`,
    ...[workspace, model, project, at],
  );
  await tx.run(
    'UPDATE models SET versions = versions + 1 WHERE workspace = ? AND id = ? AND project = ?',
    ...[workspace, model, project],
  );
  const row = await tx.get<{ versions: number }>(
    'SELECT versions FROM models WHERE workspace = ? AND id = ? AND project = ?',
    ...[workspace, model, project],
  );
  if (!row) throw new AlreadyRegistered(`model ${model} of another project`);
  return row.versions;
}

async function insertVersion(
  tx: Transaction,
  principal: Principal,
  registration: VersionRegistration,
  version: number,
): Promise<void> {
  const { model, digest, bytes, run, task, inputs, evaluation, card, code, at } = registration;
  await tx.run(
    `INSERT INTO model_versions (workspace, model, version, digest, bytes, run, task, inputs,
       evaluation, card, authors, code, parameters, metrics, created_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[principal.workspace, model, version, digest, bytes, run, task, canonicalJson(inputs)],
    ...[evaluation, card, canonicalJson(uniqueSorted(registration.authors)), code],
    ...[canonicalJson(registration.parameters ?? {}), canonicalJson(registration.metrics ?? {})],
    ...[principal.id, at],
  );
}

export interface VersionAmendment {
  readonly model: string;
  readonly version: number;
  readonly evaluation?: Digest;
  readonly card?: Digest;
  readonly authors?: readonly string[];
}

/** Replaces a version's evaluation or card; approvals signed over the earlier ones are void by it. */
export async function amendVersion(
  tx: Transaction,
  principal: Principal,
  { model, version, evaluation, card, authors = [] }: VersionAmendment,
): Promise<ModelVersion> {
  const { workspace } = principal;
  const found = await getVersion(tx, workspace, model, version);
  const next = {
    ...found,
    evaluation: parseDigest(evaluation ?? found.evaluation),
    card: parseDigest(card ?? found.card),
    authors: uniqueSorted([...found.authors, ...authors, principal.id]),
  };
  await tx.run(
    `UPDATE model_versions SET evaluation = ?, card = ?, authors = ?
     WHERE workspace = ? AND model = ? AND version = ?`,
    ...[next.evaluation, next.card, canonicalJson(next.authors), workspace, model, version],
  );
  await tx.record({
    ...{ workspace, actor: principal.id, action: 'model.amend' },
    resource: `model/${model}/${version}`,
    facts: { evaluation: next.evaluation, card: next.card },
  });
  return next;
}

export interface AliasMove {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
  /** The version the caller saw there, `null` when there was none. */
  readonly expected: number | null;
  readonly at: number;
}

/** Moves an alias, if it still stands where the caller saw it. */
export async function moveAlias(
  tx: Transaction,
  principal: Principal,
  { model, alias, version, expected, at }: AliasMove,
): Promise<void> {
  const { workspace } = principal;
  await getVersion(tx, workspace, model, version);
  const found = await aliasVersion(tx, workspace, model, parseName(alias, 'alias'));
  if (found !== expected) {
    throw new MovedMeanwhile(`alias ${alias} of ${model}`, String(expected), String(found));
  }
  if (found === version) return;
  await tx.run(
    `INSERT INTO model_aliases (workspace, model, alias, version, moved_by, moved_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, model, alias) DO UPDATE SET
       version = excluded.version, moved_by = excluded.moved_by, moved_at = excluded.moved_at`,
    ...[workspace, model, alias, version, principal.id, at],
  );
  await tx.record({
    ...{ workspace, actor: principal.id, action: 'model.alias', resource: `model/${model}` },
    facts: { alias, from: expected, to: version },
  });
}

/** The version an alias stands at, or `null`. */
export async function aliasVersion(
  reader: Reader,
  workspace: string,
  model: string,
  alias: string,
): Promise<number | null> {
  const row = await reader.get<{ version: number }>(
    'SELECT version FROM model_aliases WHERE workspace = ? AND model = ? AND alias = ?',
    ...[workspace, model, alias],
  );
  return row?.version ?? null;
}

/** The aliases of a model, by name. */
export function listAliases(
  reader: Reader,
  workspace: string,
  model: string,
): Promise<readonly { readonly alias: string; readonly version: number }[]> {
  return reader.all(
    'SELECT alias, version FROM model_aliases WHERE workspace = ? AND model = ? ORDER BY alias',
    ...[workspace, model],
  );
}

export async function getVersion(
  reader: Reader,
  workspace: string,
  model: string,
  version: number,
): Promise<ModelVersion> {
  const row = await reader.get<VersionRow>(
    'SELECT * FROM model_versions WHERE workspace = ? AND model = ? AND version = ?',
    ...[workspace, model, version],
  );
  if (!row) throw new NotRegistered('model version of that name and number');
  return toVersion(row);
}

/** Versions of a model, newest first. */
export async function listVersions(
  reader: Reader,
  workspace: string,
  model: string,
  request: PageRequest = {},
): Promise<Page<ModelVersion>> {
  const { limit, after } = readPageRequest(request);
  const rows = await reader.all<VersionRow>(
    `SELECT * FROM model_versions WHERE workspace = ? AND model = ? AND version < ?
     ORDER BY version DESC LIMIT ?`,
    ...[workspace, model, after.at, limit + 1],
  );
  return pageOf(rows.map(toVersion), limit, ({ version }) => ({ at: version, id: model }));
}

/** A model by name: how many versions it has. */
export interface Model {
  readonly name: string;
  readonly project: string;
  readonly versions: number;
  readonly createdAt: number;
}

/** Models of a workspace, newest first. */
export async function listModels(
  reader: Reader,
  workspace: string,
  request: PageRequest = {},
): Promise<Page<Model>> {
  const { limit, after } = readPageRequest(request);
  const rows = await reader.all<Model>(
    `SELECT id AS name, project, versions, created_at AS "createdAt" FROM models
     WHERE workspace = ? AND (created_at < ? OR (created_at = ? AND id < ?))
     ORDER BY created_at DESC, id DESC LIMIT ?`,
    ...[workspace, after.at, after.at, after.id, limit + 1],
  );
  return pageOf(rows, limit, ({ createdAt, name }) => ({ at: createdAt, id: name }));
}

interface VersionRow {
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly bytes: number;
  readonly run: string;
  readonly task: string;
  readonly inputs: string;
  readonly evaluation: Digest;
  readonly card: Digest;
  readonly authors: string;
  readonly code: Digest;
  readonly parameters: string;
  readonly metrics: string;
  readonly created_by: string;
  readonly created_at: number;
}

function toVersion(row: VersionRow): ModelVersion {
  const { model, version, digest, bytes, run, task, evaluation, card, code } = row;
  return {
    ...{ model, version, digest, bytes, run, task, evaluation, card, code },
    inputs: JSON.parse(row.inputs),
    authors: JSON.parse(row.authors),
    parameters: JSON.parse(row.parameters),
    metrics: JSON.parse(row.metrics),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

function uniqueSorted(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
