import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'src/kernels');
const sources = join(folder, 'assembly');
const output = join(folder, 'kernels.wasm');
const stamp = join(folder, 'kernels.digest');

/** Addresses are 32 bits wide on purpose, so that mixing them with i32 loses nothing (AS201). */
const flags = [
  ...['--runtime', 'stub', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'threads,simd', '-O3', '--noAssert', '--disableWarning', 'AS201'],
];

/**
 * Compiles the kernels to WebAssembly, only when a source changed since the last build: the sources'
 * digest is kept beside the output. Two builds at once are harmless, each moves a whole file in place.
 */
export async function build(): Promise<void> {
  const digest = digestOfSources();
  const built = existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  if (built) return;
  const { default: compiler } = await import('assemblyscript/asc');
  const partial = `kernels.${process.pid}.wasm`;
  const { error, stderr } = await compiler.main(
    ['assembly/index.ts', '--outFile', partial, '--baseDir', folder, ...flags],
    {},
  );
  if (error) throw new Error(`the kernels do not compile: ${error.message}\n${stderr}`);
  renameSync(join(folder, partial), output);
  writeFileSync(stamp, digest);
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(flags.join(' '));
  for (const name of readdirSync(sources).sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(sources, name)))
      .update('\0');
  }
  return hash.digest('hex');
}
