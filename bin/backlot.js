#!/usr/bin/env node
// Starts Backlot on the Node it needs: this one when it is new enough, else the one npm installed.
import { spawn } from 'node:child_process';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 26;

// Named imports would fail on a Node that lacks one of them.
if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  module.enableCompileCache?.();
  await import('../packages/backlot/src/main.ts');
} else {
  const found = module.createRequire(import.meta.url).resolve('node/package.json');
  const child = spawn(
    join(dirname(found), 'bin', 'node'),
    [fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`Node ${neededMajor} could not be started: ${error.message}. Try: npm ci`);
    process.exit(1);
  });
  child.on('close', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    process.exit(code ?? 1);
  });
}
