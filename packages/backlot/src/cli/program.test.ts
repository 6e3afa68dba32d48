import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BacklotError, type ErrorKind, exitCodes } from '@backlot/core';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { runProgram } from './program.ts';

async function call(argv: readonly string[], verbs: readonly Command[] = commands) {
  let [out, err] = ['', ''];
  const code = await runProgram({
    ...{ commands: verbs, argv, environment: {}, cwd: '/', version: '1.2.3' },
    signal: new AbortController().signal,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  return { code, out, err };
}

function failing(kind: ErrorKind): Command {
  return throwing(new BacklotError({ code: 'E-BACKLOT-999', kind, reason: 'no', mend: 'do so' }));
}

function throwing(error: unknown): Command {
  const run = async (): Promise<undefined> => {
    throw error;
  };
  return {
    name: 'break',
    summary: 'breaks',
    example: 'backlot break',
    load: async () => ({ run }),
  };
}

test('help lists each verb, and the help of each has its example', async () => {
  const { out, code } = await call(['--help']);
  assert.equal(code, 0);
  for (const { name, example, hidden } of commands) {
    const line = new RegExp(`^  ${name.split(' ')[0]}\\b`, 'm');
    if (hidden) assert.doesNotMatch(out, line);
    else assert.match(out, line);
    assert.ok((await call([...name.split(' '), '--help'])).out.includes(example), name);
  }
});

test('an unknown verb and an unknown option are exit code 2', async () => {
  assert.equal((await call(['rnu'])).code, 2);
  assert.equal((await call(['runs', '--nope'])).code, 2);
});

test('each kind of error has its exit code, and no stack is shown', async () => {
  for (const kind of Object.keys(exitCodes) as ErrorKind[]) {
    const { code, err } = await call(['break'], [failing(kind)]);
    assert.equal(code, exitCodes[kind]);
    assert.equal(err, 'E-BACKLOT-999 no\n  try  do so\n');
  }
});

test('--json writes an error as one object', async () => {
  const { out } = await call(['break', '--json'], [failing('refused')]);
  assert.deepEqual(JSON.parse(out), {
    error: { code: 'E-BACKLOT-999', kind: 'refused', reason: 'no', mend: 'do so' },
  });
});

test('a mistyped verb is answered with the one that was meant', async () => {
  assert.match((await call(['rnu'])).err, /Did you mean one of runs?, |Did you mean runs?\?/);
});

test('--json answers a wrong call with one object too', async () => {
  const { out, code } = await call(['runs', '--nope', '--json']);
  assert.equal(code, 2);
  const { error } = JSON.parse(out);
  assert.equal(error.kind, 'usage');
  assert.match(error.reason, /unknown option '--nope'/);
});

test('a bug is exit code 1, one object under --json, and shows its stack when asked to', async () => {
  const verbs = [throwing(new TypeError('x is not a function'))];
  const plain = await call(['break'], verbs);
  assert.equal(plain.code, 1);
  assert.match(plain.err, /^E-BACKLOT-000 .*x is not a function\n {2}try/);
  assert.doesNotMatch(plain.err, /\n\s+at /);
  assert.match((await call(['break', '--verbose'], verbs)).err, /\n\s+at /);
  const { error } = JSON.parse((await call(['break', '--json'], verbs)).out);
  assert.equal(error.code, 'E-BACKLOT-000');
});

test('--quiet silences talk, and neither results nor errors', async () => {
  const verb: Command = {
    ...{ name: 'tell', summary: 'tells', example: 'backlot tell' },
    load: async () => ({
      run: async ({ output }) => {
        output.say('a hint');
        output.result({ a: 1 }, ['a result']);
        return undefined;
      },
    }),
  };
  assert.deepEqual(await call(['tell'], [verb]), { code: 0, out: 'a result\n', err: 'a hint\n' });
  assert.deepEqual(await call(['tell', '--quiet'], [verb]), {
    ...{ code: 0, out: 'a result\n', err: '' },
  });
  assert.match((await call(['break', '--quiet'], [failing('auth')])).err, /E-BACKLOT-999/);
});
