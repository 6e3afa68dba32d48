import { assert } from '@backlot/core';

/**
 * Our SQL as PostgreSQL reads it: `?` becomes `$1`, `$2` and so on. Everything in quotes and comments
 * stays as it is.
 */
export function numberPlaceholders(sql: string): string {
  let count = 0;
  return outsideQuotes(sql, (code) => code.replaceAll('?', () => `$${++count}`));
}

/** The one place where column types differ. Types in migrations stand in capitals. */
const columnTypes: Readonly<Record<string, string>> = {
  INTEGER: 'BIGINT',
  REAL: 'DOUBLE PRECISION',
  BLOB: 'BYTEA',
  // Text compares by its UTF-8 bytes, as in SQLite, whatever the database's own language is.
  TEXT: 'TEXT COLLATE "C"',
};

/** What SQLite alone knows: a migration that holds one of these would not mean the same. */
const sqliteOnly = /\b(?:AUTOINCREMENT|ROWID|STRICT|PRAGMA|GLOB|VIRTUAL|BOOLEAN|VARCHAR|NUMERIC)\b/;

/** A migration's statement with the types of PostgreSQL. */
export function postgresMigration(sql: string): string {
  return outsideQuotes(sql, (code) => {
    const foreign = sqliteOnly.exec(code)?.[0];
    assert(!foreign, `${foreign} is outside the SQL that SQLite and PostgreSQL share`);
    return code.replace(/\b(?:INTEGER|REAL|BLOB|TEXT)\b/g, (type) => columnTypes[type]!);
  });
}

/** Strings, quoted names, and both kinds of comment; an unended one goes to the end. */
const quoted = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

function outsideQuotes(sql: string, change: (code: string) => string): string {
  let [result, end] = ['', 0];
  for (const match of sql.matchAll(quoted)) {
    result += change(sql.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + change(sql.slice(end));
}
