import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { integrationPart } from './integration.ts';

/** Why tests cannot start moto here, or `false`; where continuous integration runs that is a failure. */
export function noMoto(): string | false {
  const part = integrationPart('moto');
  return typeof part === 'string' ? false : part.missing;
}

/** A server that speaks S3, of a test file's own, on loopback; it keeps everything in memory. */
export interface MotoServer {
  readonly endpoint: string;
  /** Makes a bucket. */
  bucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts moto; about two seconds. It takes any credentials and checks no signatures. */
export async function startMoto(): Promise<MotoServer> {
  const folder = integrationPart('moto');
  if (typeof folder !== 'string') throw new Error(folder.missing);
  const port = await freePort();
  const args = ['-H', '127.0.0.1', '-p', String(port)];
  const server = spawn(join(folder, 'bin', 'moto_server'), args, { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, server);
  return {
    endpoint,
    bucket: async (name) => {
      // It reads the account from the shape of the header alone.
      const authorization =
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
      const made = await fetch(`${endpoint}/${name}`, {
        method: 'PUT',
        headers: { authorization },
      });
      if (!made.ok) throw new Error(`the bucket was answered ${made.status}`);
    },
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    },
  };
}

async function answers(endpoint: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`);
    try {
      await fetch(endpoint);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  server.kill('SIGKILL');
  throw new Error('moto did not start within 30 seconds');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (!address || typeof address !== 'object') return reject(new Error('no port'));
      server.close(() => resolve(address.port));
    });
  });
}
