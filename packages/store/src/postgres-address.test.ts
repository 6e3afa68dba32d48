import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed } from '@backlot/core';
import { PostgresRefused, parsePostgresAddress } from './postgres-address.ts';
import { numberPlaceholders, postgresMigration } from './postgres-dialect.ts';

test('an address is read in all its parts', () => {
  const address = parsePostgresAddress(
    'postgres://a%40b:p%2Fw@db.example:6000/media?sslmode=require',
  );
  assert.deepEqual(address, {
    ...{ host: 'db.example', port: 6000, user: 'a@b', password: 'p/w', database: 'media' },
    ...{ tls: 'unverified', options: undefined, place: 'postgres://db.example:6000/media' },
  });
});

test('certificates are verified unless it is said otherwise, or the server is this machine', () => {
  const tlsOf = (host: string) => parsePostgresAddress(`postgresql://u@${host}/d`).tls;
  assert.deepEqual(['db.example', '10.0.0.1', 'localhost.evil.example'].map(tlsOf), [
    ...['verified', 'verified', 'verified'],
  ]);
  assert.deepEqual(['localhost', '127.0.0.1', '[::1]'].map(tlsOf), ['off', 'off', 'off']);
});

test('an address that will not do is refused without its password', () => {
  const bad = [
    ...['nonsense s3cret', 'mysql://u:s3cret@h/d', 'postgres://u:s3cret@h', 'postgres://h/d'],
    ...['postgres://u:s3cret@h/d?sslmode=prefer', 'postgres://u:s3cret@h/d?password=s3cret'],
  ];
  for (const url of bad) {
    assert.throws(
      () => parsePostgresAddress(url),
      (error) => {
        assert.ok(error instanceof PostgresRefused);
        assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes('s3cret'));
        return true;
      },
    );
  }
});

test('placeholders are numbered outside quotes and comments', () => {
  const cases = [
    ['SELECT ? + ?', 'SELECT $1 + $2'],
    [`'?' ? "?" ? 'it''s ?' ?`, `'?' $1 "?" $2 'it''s ?' $3`],
    ['? -- ?\n ? /* ? \n ? */ ?', '$1 -- ?\n $2 /* ? \n ? */ $3'],
    ["a = '' AND b = ?", "a = '' AND b = $1"],
    [`"a""?" ?`, `"a""?" $1`],
  ] as const;
  for (const [sql, numbered] of cases) assert.equal(numberPlaceholders(sql), numbered);
});

test('types are translated, names and texts are not', () => {
  const sql = `CREATE TABLE t ("TEXT" TEXT, text INTEGER, c BLOB, r REAL DEFAULT 0, x TEXT DEFAULT 'TEXT')`;
  assert.equal(
    postgresMigration(sql),
    `CREATE TABLE t ("TEXT" TEXT COLLATE "C", text BIGINT, c BYTEA, r DOUBLE PRECISION DEFAULT 0, ` +
      `x TEXT COLLATE "C" DEFAULT 'TEXT')`,
  );
  assert.throws(() => postgresMigration('CREATE TABLE t (a INTEGER) STRICT'), AssertionFailed);
});
