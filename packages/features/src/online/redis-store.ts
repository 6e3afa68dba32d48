import { createClient, RESP_TYPES } from '@redis/client';
import { OnlineStoreFailed } from '../feature-error.ts';
import type { KeyPage, OnlineStore, RowChange } from './online-store.ts';

export interface RedisOptions {
  /** Such as `redis://127.0.0.1:6379` or `rediss://...`; may hold a password, so it is never shown. */
  readonly url: string;
  /** Before every key, so that several projects can share a server. */
  readonly prefix: string;
}

/** Puts a row in the place of the one that was read, and of no other. */
const swapScript = `
local held = redis.call('GET', KEYS[1])
if (held or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('ZADD', KEYS[2], 0, ARGV[3])
end
return 1`;

/** How often the first connection is tried. */
const firstTries = 3;

async function connected(url: string) {
  if (!URL.canParse(url)) throw new OnlineStoreFailed('connect: its address is no URL');
  let ready = false;
  const client = createClient({
    url,
    socket: {
      connectTimeout: 5_000,
      // A server that was never there is told at once; one that was comes back.
      reconnectStrategy: (tries, cause) =>
        ready || tries < firstTries ? Math.min(50 * 2 ** tries, 2_000) : cause,
    },
    disableOfflineQueue: true,
  });
  // Without a listener an error would end the process; each command reports its own.
  client.on('error', () => undefined);
  await asked('connect', () => client.connect());
  ready = true;
  return client;
}

/** Rows that were changed by others all the while after this many tries are an error. */
const mostTries = 100;

/**
 * Rows on a server that speaks the Redis protocol. Reads are one MGET; a change is a compare-and-swap
 * on the server, tried again when another was faster.
 */
export async function openRedisStore({ url, prefix }: RedisOptions): Promise<OnlineStore> {
  const client = await connected(url);
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  // One hash slot for each entity: the index and its rows change together.
  const rowKey = (entity: string, key: string) => `${prefix}{${entity}}:row:${key}`;
  const indexKey = (entity: string) => `${prefix}{${entity}}:keys`;
  const get: OnlineStore['get'] = async (entity, keys) => {
    if (keys.length === 0) return [];
    const rows = await asked('read rows', () => bytes.mGet(keys.map((key) => rowKey(entity, key))));
    return rows.map((row) => (row as Buffer | null) ?? undefined);
  };
  const swap = (entity: string, key: string, before: Uint8Array | undefined, after?: Uint8Array) =>
    client.eval(swapScript, {
      keys: [rowKey(entity, key), indexKey(entity)],
      arguments: [asBuffer(before), asBuffer(after), key] as string[],
    });
  return {
    get,
    update: async (entity, keys, change) => {
      let left = keys;
      for (let tries = 0; left.length > 0; tries++) {
        if (tries === mostTries)
          throw new OnlineStoreFailed('change rows: others kept changing them');
        const rows = await get(entity, left);
        left = await asked('change rows', () =>
          swapAll(left, rows, change, swap.bind(null, entity)),
        );
      }
    },
    erase: async (entity, keys) => {
      if (keys.length === 0) return 0;
      return asked('erase rows', async () => {
        const [removed] = await client
          .multi()
          .del(keys.map((key) => rowKey(entity, key)))
          .zRem(indexKey(entity), [...keys])
          .exec();
        return Number(removed);
      });
    },
    keys: (entity, page) => asked('list keys', () => client.zRangeByLex(...lexRange(entity, page))),
    close: async () => client.destroy(),
  };

  function lexRange(entity: string, { after, limit }: KeyPage) {
    const from = after === undefined ? '-' : `(${after}`;
    return [indexKey(entity), from, '+', { LIMIT: { offset: 0, count: limit } }] as const;
  }
}

/** Sends all swaps at once; answers the keys whose rows were others by then. */
async function swapAll(
  keys: readonly string[],
  rows: readonly (Uint8Array | undefined)[],
  change: RowChange,
  swap: (key: string, before: Uint8Array | undefined, after?: Uint8Array) => Promise<unknown>,
): Promise<readonly string[]> {
  const swapped = await Promise.all(
    keys.map((key, at) => swap(key, rows[at], change(key, rows[at]))),
  );
  return keys.filter((_, at) => Number(swapped[at]) !== 1);
}

function asBuffer(bytes: Uint8Array | undefined): string {
  // The client takes bytes as arguments; its types say texts alone.
  return (bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : '') as string;
}

async function asked<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OnlineStoreFailed) throw error;
    throw new OnlineStoreFailed(what, error);
  }
}
