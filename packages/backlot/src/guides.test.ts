import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';

const checkout = join(import.meta.dirname, '../../..');

/** What a block of a guide is: a file to write, or commands with what they must say. */
interface Block {
  readonly kind: string;
  readonly file?: string;
  readonly lines: readonly string[];
}

test('from a file to a feature: every block of the guide works as it stands', async (t) => {
  const blocks = blocksOf(
    await readFile(join(checkout, 'docs/guides/from-a-file-to-a-feature.md'), 'utf8'),
  );
  const folder = await emptyFolder(t);
  let commands = 0;
  for (const { kind, file, lines } of blocks) {
    if (file !== undefined) await write(join(folder, 'shop', file), lines);
    else {
      assert.equal(kind, 'console');
      for (const { command, wanted } of callsOf(lines)) {
        commands++;
        const said = run(folder, command);
        for (const text of wanted)
          assert.ok(said.includes(text), `${command} says ${text}: ${said}`);
        if (command.startsWith('backlot init')) await linkPackage(folder);
      }
    }
  }
  t.diagnostic(`blocks ${blocks.length}, commands ${commands}`);
  assert.ok(commands >= 8);
});

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, kind, file, body]) => ({
      ...{ kind: kind!, lines: body!.trimEnd().split('\n') },
      ...(file !== undefined && { file }),
    }),
  );
}

/** Commands begin with `$`; the lines below each are found in what it says. */
function callsOf(lines: readonly string[]) {
  const calls: { command: string; wanted: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) calls.push({ command: line.slice(2), wanted: [] });
    else calls.at(-1)!.wanted.push(line);
  }
  return calls;
}

function run(folder: string, command: string): string {
  const [program, ...args] = command.split(' ');
  const argv = program === 'backlot' ? [join(checkout, 'bin/backlot.js'), ...args] : args;
  const project = join(folder, 'shop');
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    ...{ cwd: existsSync(project) ? project : folder, encoding: 'utf8' },
    env: { PATH: process.env.PATH ?? '' },
  });
  assert.equal(status, 0, `${command}: ${stderr}${stdout}`);
  return stdout + stderr;
}

async function write(path: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${lines.join('\n')}\n`);
}

/** What npm install of the dependency makes. */
async function linkPackage(folder: string): Promise<void> {
  await mkdir(join(folder, 'shop/node_modules'));
  await symlink(checkout, join(folder, 'shop/node_modules/backlot'));
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-guide-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
