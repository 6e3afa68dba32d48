import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const stamp = join(dist, 'sources.digest');

/** The most JavaScript that the first page may load, gzipped. */
const firstLoadLimitBytes = 300 * 1024;

/**
 * Builds the console's static files into `dist`, only when a source changed since the last build.
 * The sources' digest is kept beside the files, so that an install, a start and a test in a row
 * build once. Fails when the first load passes its limit.
 */
export async function build(): Promise<void> {
  const digest = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const { build: viteBuild } = await import('vite');
  await viteBuild({
    root,
    configFile: false,
    logLevel: 'error',
    // Source files may name Node's types, but nothing of the environment reaches the page.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: dist,
      emptyOutDir: true,
      manifest: 'manifest.json',
      // A data: address would need an exception in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
    },
  });
  report();
  writeFileSync(stamp, digest);
}

function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const path of sources(root)) {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function sources(folder: string): string[] {
  const skipped = new Set(['dist', 'node_modules', 'testing']);
  return readdirSync(folder)
    .sort()
    .filter((name) => !skipped.has(name) && !/\.test\.tsx?$|\.md$/.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? sources(path) : [path];
    });
}

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

/** Prints what the first page loads, and refuses to go over the limit. */
function report(): void {
  const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Readonly<
    Record<string, Chunk>
  >;
  const first = new Set<string>();
  const visit = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined || first.has(chunk.file)) return;
    first.add(chunk.file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);
  const size = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).byteLength, 0);
  const scripts = new Set(
    Object.values(manifest)
      .map((chunk) => chunk.file)
      .filter((file) => file.endsWith('.js')),
  );
  const later = size([...scripts].filter((file) => !first.has(file)));
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  const firstBytes = size(first);
  console.error(`console: first load ${kib(firstBytes)} KiB gzip, on demand ${kib(later)} KiB`);
  if (firstBytes > firstLoadLimitBytes) {
    throw new Error(
      `the console's first load is ${kib(firstBytes)} KiB gzip, ${kib(firstLoadLimitBytes)} KiB is allowed: ` +
        'load the heavy part on demand',
    );
  }
}
