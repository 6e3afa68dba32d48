import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildProcess, realIo } from '@backlot/core';
import { integrationPart } from './integration.ts';

/** A Spark Connect server on this machine, for tests alone. */
export interface SparkTestServer {
  /** `host:port`, on the loopback interface. */
  readonly address: string;
  readonly token: string;
  /** Ends the server when this call started it, and removes what it left. */
  stop(): Promise<void>;
}

export interface SparkServerOptions {
  /** A port that was free a moment ago when absent; given to start a server again in its place. */
  readonly port?: number;
  readonly token?: string;
}

/** A server that a test may kill. */
export interface OwnSparkServer extends SparkTestServer {
  /** Ends it at once, with no word to anybody. */
  kill(): Promise<void>;
}

/** Why the tests on Spark cannot run here, or false. Missing in continuous integration, an error. */
export function noSpark(): string | false {
  const part = integrationPart('spark');
  return typeof part === 'string' ? false : part.missing;
}

/** The names by which a test run tells its files where its one server is. */
export const sparkEnvironment = {
  address: 'BACKLOT_TEST_SPARK_ADDRESS',
  token: 'BACKLOT_TEST_SPARK_TOKEN',
} as const;

/** The server of the test run when there is one (`npm run test:spark`), else one for this file. */
export async function sparkTestServer(): Promise<SparkTestServer> {
  const address = process.env[sparkEnvironment.address];
  const token = process.env[sparkEnvironment.token];
  if (!address || !token) return startSparkServer();
  return { address, token, stop: async () => undefined };
}

const startTimeoutMs = 120_000;
const stopTimeoutMs = 10_000;

/** Starts a server and resolves once it listens (6 to 10 seconds). */
export async function startSparkServer(options: SparkServerOptions = {}): Promise<OwnSparkServer> {
  const part = integrationPart('spark');
  if (typeof part !== 'string') throw new Error(part.missing);
  const io = realIo();
  const folder = await mkdtemp(join(tmpdir(), 'backlot-spark-'));
  const port = options.port ?? (await freePort());
  const token = options.token ?? Buffer.from(io.random.bytes(16)).toString('hex');
  const log: string[] = [];
  const keep = (chunk: Uint8Array): void => {
    log.push(Buffer.from(chunk).toString());
    if (log.length > 200) log.shift();
  };
  const child = io.processes.spawn(
    '/bin/bash',
    ['-c', watched, ...(await command(part, folder, port))],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: folder,
        // Otherwise Java cannot name files beyond ASCII.
        LC_ALL: 'C.UTF-8',
        SPARK_HOME: await sparkHome(part),
        SPARK_CONNECT_AUTHENTICATE_TOKEN: token,
        PARENT: String(process.pid),
      },
      onStdout: keep,
      onStderr: keep,
    },
  );
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const gone = await Promise.race([child.exit, delay(stopTimeoutMs, undefined, { ref: false })]);
    if (gone === undefined) child.kill('SIGKILL');
    await child.exit;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, child, log);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    token,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Runs the server for as long as the process that asked for it lives, however that ends. */
const watched = `
"$0" "$@" &
server=$!
trap 'kill -TERM $server 2> /dev/null' TERM INT
while kill -0 $server 2> /dev/null; do
  kill -0 $PARENT 2> /dev/null || kill -KILL $server
  sleep 0.5
done
wait $server
`;

async function command(part: string, folder: string, port: number): Promise<readonly string[]> {
  const conf = {
    'spark.ui.enabled': 'false',
    'spark.sql.shuffle.partitions': '4',
    'spark.connect.grpc.binding.address': '127.0.0.1',
    'spark.connect.grpc.binding.port': String(port),
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.local.dir': folder,
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    'spark.driver.extraJavaOptions': `-Djava.io.tmpdir=${folder} -Dderby.system.home=${folder}`,
    // Without these, checksums and marks lie beside the files.
    'spark.hadoop.fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
    'spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs': 'false',
  };
  return [
    join(await sparkHome(part), 'bin', 'spark-submit'),
    ...['--class', 'org.apache.spark.sql.connect.service.SparkConnectServer'],
    ...['--master', 'local[2]', '--driver-memory', '2g'],
    ...Object.entries(conf).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
    'spark-internal',
  ];
}

/** Where pip puts Spark depends on the version of Python. */
async function sparkHome(part: string): Promise<string> {
  const [python = 'python3'] = await readdir(join(part, 'lib'));
  return join(part, 'lib', python, 'site-packages', 'pyspark');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number, child: ChildProcess, log: readonly string[]): Promise<void> {
  let gone = false;
  void child.exit.then(() => {
    gone = true;
  });
  for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += 100) {
    if (gone) throw new Error(`the Spark server ended:\n${log.join('')}`);
    if (await accepts(port)) return;
    await delay(100);
  }
  throw new Error(`the Spark server did not listen:\n${log.join('')}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
