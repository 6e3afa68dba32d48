import { createHash } from 'node:crypto';
import type { Files } from '@backlot/core';
import { ServerError } from './error.ts';

/** One file of the console, held in memory. */
export interface StaticFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** The entity tag, with its quotes. */
  readonly tag: string;
}

/** The console's files by the path they are served at. */
export interface StaticFiles {
  readonly index: StaticFile;
  readonly assets: ReadonlyMap<string, StaticFile>;
}

const mediaTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};
const maxFiles = 2_000;
const maxTotalBytes = 64 * 1024 * 1024;

/**
 * Reads `index.html` and the files of `assets` (at any depth) once. After that no request touches
 * the disk: what is served is looked up in this listing, never derived from the request's path.
 */
export async function readStaticFiles(files: Files, folder: string): Promise<StaticFiles> {
  const assets = new Map<string, StaticFile>();
  let total = 0;
  for (const path of await listDeep(files, folder, 'assets')) {
    const file = await readOne(files, folder, path);
    total += file.bytes.byteLength;
    if (total > maxTotalBytes || assets.size === maxFiles) {
      throw new ServerError('internal', 'the console has too many files', { place: 'assets' });
    }
    assets.set(`/${path}`, file);
  }
  return { index: await readOne(files, folder, 'index.html'), assets };
}

async function listDeep(files: Files, folder: string, path: string): Promise<readonly string[]> {
  const stat = await files.stat(`${folder}/${path}`);
  if (stat?.kind === 'file') return [path];
  if (stat?.kind !== 'folder') return [];
  const found: string[] = [];
  for (const name of await files.list(`${folder}/${path}`)) {
    found.push(...(await listDeep(files, folder, `${path}/${name}`)));
  }
  return found;
}

async function readOne(files: Files, folder: string, path: string): Promise<StaticFile> {
  const bytes = await files.read(`${folder}/${path}`, { limitBytes: maxTotalBytes });
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return {
    bytes,
    mediaType: mediaTypes[extension] ?? 'application/octet-stream',
    tag: `"${hash}"`,
  };
}
