import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Cancelled, realIo } from '@backlot/core';
import { noSpark, type SparkTestServer, sparkTestServer } from '@backlot/testing';
import type { RecordBatch } from 'apache-arrow';
import type { SparkArgument } from './arguments.ts';
import { cuttingProxy } from './cutting-proxy.fixture.ts';
import {
  type SessionOptions,
  type SparkOperation,
  SparkSession,
  type SparkSql,
} from './session.ts';
import { SparkFailed, SparkOperationLost, SparkRefused, SparkUnreachable } from './spark-error.ts';

const io = realIo();
/** Runs for minutes unless it is stopped. */
const endless = { sql: 'SELECT count(*) FROM range(100000000000000)' };
const step = { what: 'answer' };

suite('a session on Spark', { skip: noSpark() }, () => {
  let server: SparkTestServer;
  before(async () => {
    server = await sparkTestServer();
  });
  after(() => server.stop());

  async function withSession<T>(
    work: (session: SparkSession, recorded: SparkOperation[]) => Promise<T>,
    options: Partial<SessionOptions> = {},
  ): Promise<T> {
    const recorded: SparkOperation[] = [];
    const journal = { record: async (made: SparkOperation) => void recorded.push(made) };
    const session = await SparkSession.open({ io, server, journal, ...options });
    try {
      return await work(session, recorded);
    } finally {
      await session.release();
    }
  }

  async function rowsOf(session: SparkSession, query: SparkSql): Promise<unknown[][]> {
    const rows: unknown[][] = [];
    for await (const batch of session.query(query, step)) {
      for (const row of batch) rows.push(Object.values(row.toJSON()));
    }
    return rows;
  }

  test('arguments keep their type and value, by name and by place', () =>
    withSession(async (session) => {
      const cases: readonly (readonly [SparkArgument, string, string])[] = [
        [{ type: 'string', value: "it's \\n {x} `é` 😀" }, 'string', "it's \\n {x} `é` 😀"],
        [{ type: 'bigint', value: -(2n ** 63n) }, 'bigint', '-9223372036854775808'],
        [{ type: 'int', value: -7 }, 'int', '-7'],
        [{ type: 'double', value: Number.NaN }, 'double', 'NaN'],
        [{ type: 'double', value: -0 }, 'double', '-0.0'],
        [{ type: 'boolean', value: true }, 'boolean', 'true'],
        [{ type: 'date', value: -719162 }, 'date', '0001-01-01'],
        [{ type: 'timestamp', value: 1_000_001n }, 'timestamp', '1970-01-01 00:00:01.000001'],
        [{ type: 'binary', value: Buffer.from('ab') }, 'binary', 'ab'],
        [{ type: 'decimal', value: '-1.50' }, 'decimal(3,2)', '-1.50'],
        [{ type: 'strings', value: ['a', null] }, 'array<string>', '[a, null]'],
        [{ type: 'doubles', value: [1, null] }, 'array<double>', '[1.0, null]'],
      ];
      const named = Object.fromEntries(cases.map(([argument], index) => [`p${index}`, argument]));
      const columns = cases.map((_, index) => `typeof(:p${index}), CAST(:p${index} AS STRING)`);
      const expected = [cases.flatMap(([, type, shown]) => [type, shown])];
      const sql = `SELECT ${columns.join(', ')}`;
      assert.deepEqual(await rowsOf(session, { sql, args: named }), expected);
      const placed = sql.replaceAll(/:p\d+/g, '?');
      const twice = cases.flatMap(([argument]) => [argument, argument]);
      assert.deepEqual(await rowsOf(session, { sql: placed, args: twice }), expected);
      for (const type of ['string', 'bigint', 'int', 'double', 'date', 'timestamp'] as const) {
        const args = { p: { type, value: null } };
        assert.deepEqual(await rowsOf(session, { sql: 'SELECT typeof(:p), :p', args }), [
          [type, null],
        ]);
      }
    }));

  test('errors carry class, state and place, and keep their text to the cause', () =>
    withSession(async (session) => {
      const cases = [
        ['SELECT 1/0', 'DIVIDE_BY_ZERO', '22012', '1/0'],
        ['SELECT * FROM nope', 'TABLE_OR_VIEW_NOT_FOUND', '42P01', 'nope'],
        ['SELECT (', 'PARSE_SYNTAX_ERROR', '42601', undefined],
        ["SELECT CAST('secret' AS INT)", 'CAST_INVALID_INPUT', '22018', "CAST('secret' AS INT)"],
        ['SELECT :absent', 'UNBOUND_SQL_PARAMETER', '42P02', ':absent'],
        ["SELECT raise_error('secret')", 'USER_RAISED_EXCEPTION', 'P0001', undefined],
      ] as const;
      for (const [sql, errorClass, sqlState, fragment] of cases) {
        await assert.rejects(rowsOf(session, { sql }), (error) => {
          assert.ok(error instanceof SparkFailed);
          assert.deepEqual([error.errorClass, error.sqlState], [errorClass, sqlState]);
          assert.equal(error.contexts[0]?.fragment, fragment);
          assert.equal(error.kind, 'failed');
          assert.ok(!JSON.stringify(error).includes('secret') && !error.message.includes('secret'));
          return true;
        });
      }
    }));

  test('a token is checked, and is never sent to another machine in the clear', async () => {
    const wrong = { address: server.address, token: 'wrong' };
    await assert.rejects(SparkSession.open({ io, server: wrong }), SparkRefused);
    const none = { address: server.address };
    await assert.rejects(SparkSession.open({ io, server: none }), SparkRefused);
    const far = { address: '192.0.2.1:15002', token: 'x' };
    await assert.rejects(SparkSession.open({ io, server: far }), SparkRefused);
    await assert.rejects(
      SparkSession.open({ io, server: { address: '127.0.0.1:1' }, patienceMs: 200 }),
      (error) => error instanceof SparkUnreachable && error.kind === 'unreachable',
    );
  });

  test('settings and views are the session’s own, and analysis runs nothing', () =>
    withSession(async (session) => {
      await session.setConfig({ 'spark.sql.shuffle.partitions': '3' });
      await session.viewOfSql('seen', { sql: 'SELECT 1 AS one' }, step);
      assert.deepEqual(await rowsOf(session, { sql: 'SELECT * FROM seen' }), [[1]]);
      await withSession(async (other) => {
        const keys = ['spark.sql.shuffle.partitions', 'spark.sql.ansi.enabled', 'no.such.key'];
        const found = await other.config(keys);
        assert.notEqual(found['spark.sql.shuffle.partitions'], '3');
        assert.equal(found['spark.sql.ansi.enabled'], 'true');
        assert.ok(!('no.such.key' in found));
        await assert.rejects(rowsOf(other, { sql: 'SELECT * FROM seen' }), SparkFailed);
      });
      const schema = await session.schema({ sql: 'SELECT 1/0 AS x, array(1L) AS l' });
      const [x, l] = schema.struct?.fields ?? [];
      assert.ok(x?.name === 'x' && x.type?.double && l?.type?.array?.element?.long);
      assert.match(await session.explain({ sql: 'SELECT 1' }, 'formatted'), /Physical Plan/);
      assert.match(await session.sparkVersion(), /^4\./);
    }));

  test('a signal stops the operation, and so does another process', () =>
    withSession(async (session, recorded) => {
      const abort = new AbortController();
      const running = assert.rejects(
        drain(session.query(endless, { ...step, signal: abort.signal })),
        Cancelled,
      );
      await io.clock.sleep(500);
      abort.abort();
      await running;
      assert.equal(await session.interrupt(recorded[0]!.operationId), false, 'it has ended');
      const stopped = assert.rejects(
        drain(session.query(endless, step)),
        (error) => error instanceof SparkFailed && error.errorClass === 'OPERATION_CANCELED',
      );
      await io.clock.sleep(500);
      const other = SparkSession.resume({ io, server }, recorded[1]!);
      assert.equal(await other.interrupt(recorded[1]!.operationId), true);
      await stopped;
      other.close();
    }));

  test('leaving a result early ends its operation', () =>
    withSession(async (session, recorded) => {
      // A partition comes when all of it is computed, so there are many small ones.
      const many = { sql: 'SELECT id FROM range(0, 4000000, 1, 20000)' };
      for await (const batch of session.query(many, step)) {
        assert.ok(batch.numRows > 0);
        break;
      }
      assert.equal(await session.interrupt(recorded[0]!.operationId), false);
    }));

  test('a result survives a connection that breaks twice', async () => {
    const proxy = await cuttingProxy(server.address);
    try {
      await withSession(
        async (session) => {
          const sql = "SELECT id, repeat('x', 40) || md5(CAST(id AS STRING)) FROM range(1000000)";
          let rows = 0;
          let total = 0n;
          const cuts = [200_000, 600_000];
          for await (const batch of session.query({ sql }, step)) {
            rows += batch.numRows;
            for (const id of batch.getChildAt(0)!) total += id as bigint;
            if (rows >= (cuts[0] ?? Number.POSITIVE_INFINITY)) {
              cuts.shift();
              proxy.cut(300);
            }
          }
          assert.deepEqual([rows, total, cuts.length], [1_000_000, 499_999_500_000n, 0]);
        },
        { server: { address: proxy.address, token: server.token } },
      );
    } finally {
      proxy.close();
    }
  });

  test('a batch beyond the size of a message comes in chunks', () =>
    withSession(async (session) => {
      const sql = "SELECT id, repeat('é', 3000000) AS long FROM range(5)";
      const rows = await rowsOf(session, { sql });
      assert.deepEqual(
        rows.map(([id, long]) => [id, (long as string).length]),
        [0n, 1n, 2n, 3n, 4n].map((id) => [id, 3_000_000]),
      );
    }));

  test('an operation is recorded before it is sent', () =>
    withSession(async (session) => {
      let recorded: SparkOperation | undefined;
      const journal = {
        record: async (operation: SparkOperation) => {
          recorded = operation;
          throw new Error('the disk is full');
        },
      };
      const second = await SparkSession.open({ io, server, journal });
      await assert.rejects(rowsOf(second, { sql: 'SELECT 1' }), /the disk is full/);
      const { operationId } = recorded!;
      await assert.rejects(drain(second.reattach(operationId, step)), lost('OPERATION_NOT_FOUND'));
      await second.release();
      await rowsOf(session, { sql: 'SELECT 1' });
    }));

  test('what was let go is typed as lost: an operation, a session', () =>
    withSession(async (session, recorded) => {
      await rowsOf(session, { sql: 'SELECT 1' });
      const { operationId } = recorded[0]!;
      await assert.rejects(drain(session.reattach(operationId, step)), lost('OPERATION_NOT_FOUND'));
      const other = SparkSession.resume({ io, server }, recorded[0]!);
      await other.release();
      await assert.rejects(rowsOf(session, { sql: 'SELECT 1' }), lost('SESSION_CLOSED'));
    }));

  test('a second attachment takes an operation over, and the first does not end it', () =>
    withSession(async (session, recorded) => {
      const slow = {
        sql: "SELECT id, java_method('java.lang.Thread', 'sleep', 2500L) FROM range(0, 1, 1, 1)",
      };
      const first = assert.rejects(drain(session.query(slow, step)), (error) => {
        assert.ok(error instanceof SparkOperationLost);
        return error.errorClass === 'INVALID_CURSOR.DISCONNECTED';
      });
      await io.clock.sleep(700);
      const other = SparkSession.resume({ io, server }, recorded[0]!);
      const found = drain(other.reattach(recorded[0]!.operationId, step));
      await first;
      assert.equal(
        (await found).reduce((sum, batch) => sum + batch.numRows, 0),
        1,
      );
      other.close();
    }));
});

async function drain(batches: AsyncIterable<RecordBatch>): Promise<readonly RecordBatch[]> {
  const found: RecordBatch[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

function lost(reason: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof SparkOperationLost &&
    error.kind === 'unreachable' &&
    error.errorClass === `INVALID_HANDLE.${reason}`;
}
