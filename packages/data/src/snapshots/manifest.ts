import { canonicalJson, type Digest, digestOf, isDigest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { type ContractData, contractDigest, parseContract } from '../contract.ts';
import { BadDocument } from '../data-error.ts';

/** One Parquet file of a snapshot: rows of one bucket, from one delivery or several joined. */
export interface SnapshotFile {
  readonly bucket: number;
  readonly digest: Digest;
  readonly bytes: number;
  readonly rows: number;
  /** The delivery that brought these rows, the last of them where several were joined. */
  readonly delivery: string;
}

/** An immutable version of a table. The digest of its canonical JSON is the snapshot's id. */
export interface Manifest {
  readonly kind: 'snapshot';
  readonly table: string;
  readonly contract: ContractData;
  readonly contractDigest: Digest;
  readonly rows: number;
  readonly buckets: number;
  readonly files: readonly SnapshotFile[];
  readonly previous?: Digest;
  /** The newest delivery whose rows it holds. */
  readonly delivery: string;
  /** Deliveries that no file names any more: their rows were joined, corrected or removed. */
  readonly merged?: readonly string[];
}

const maxManifestBytes = 64 * 2 ** 20;
const maxFiles = 200_000;

/** Stores a manifest and answers its digest. */
export async function putManifest(objects: Objects, manifest: Manifest): Promise<Digest> {
  checkManifest(manifest);
  return (await objects.put(Buffer.from(canonicalJson(manifest)))).digest;
}

/** Reads and checks a manifest: an object may be anything. */
export async function readManifest(objects: Objects, digest: Digest): Promise<Manifest> {
  const bytes = await objects.get(digest, { limitBytes: maxManifestBytes });
  return parseManifest(parseJson(bytes, digest));
}

function parseJson(bytes: Uint8Array, place: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new BadDocument('manifest', place, 'it is not JSON');
    }
    throw error;
  }
}

function parseManifest(value: unknown): Manifest {
  if (typeof value !== 'object' || value === null) throw bad('it is not an object');
  const { kind, contract, files, previous } = value as Record<string, unknown>;
  if (kind !== 'snapshot') throw bad('its kind is not snapshot');
  if (!Array.isArray(files) || files.length > maxFiles) throw bad('files is not a list');
  if (previous !== undefined && !isDigest(previous)) throw bad('previous is not a digest');
  const manifest = { ...(value as Manifest), contract: parseContract(contract) };
  checkManifest(manifest);
  return Object.freeze(manifest);
}

const deliveryPattern = /^[0-9a-z]{20}$/;

function checkManifest(manifest: Manifest): void {
  const { contract, files } = manifest;
  if (manifest.table !== contract.table) throw bad("its table is not its contract's");
  if (manifest.contractDigest !== contractDigest(contract))
    throw bad('its contract has another digest');
  if (manifest.buckets !== contract.buckets) throw bad("its buckets are not its contract's");
  if (!deliveryPattern.test(manifest.delivery)) throw bad('its delivery is not an id');
  const { merged = [] } = manifest;
  if (!Array.isArray(merged) || !merged.every((id) => deliveryPattern.test(id))) {
    throw bad('its merged deliveries are not ids');
  }
  let rows = 0;
  for (const file of files) {
    checkFile(file, manifest.buckets);
    rows += file.rows;
  }
  if (rows !== manifest.rows) throw bad('its rows are not the sum of its files');
}

function checkFile(file: SnapshotFile, buckets: number): void {
  const good =
    typeof file === 'object' &&
    file !== null &&
    isDigest(file.digest) &&
    deliveryPattern.test(file.delivery) &&
    isCount(file.bucket) &&
    file.bucket < buckets &&
    isCount(file.bytes) &&
    isCount(file.rows) &&
    file.rows > 0;
  if (!good) throw bad('a file is not described as files are');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad(reason: string): BadDocument {
  return new BadDocument('manifest', 'manifest', reason);
}

/** The id that a delivery has by what it is: the same bytes under the same contract, the same id. */
export function deliveryId(facts: {
  readonly contract: Digest;
  readonly source: Digest;
  readonly format: string;
  readonly compression: string;
  readonly mode: string;
}): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const hex = digestOf(facts).slice('sha256:'.length);
  return Array.from(
    { length: 20 },
    (_, index) => alphabet[Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16) & 31],
  ).join('');
}
