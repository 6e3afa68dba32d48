import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactor } from './redactor.ts';

function pass(secret: string, chunks: readonly (string | Uint8Array)[]): string {
  const passed: Uint8Array[] = [];
  const { write, end } = redactor(secret, (chunk) => void passed.push(chunk));
  for (const chunk of chunks) write(Buffer.from(chunk));
  end();
  return Buffer.concat(passed).toString();
}

test('a secret never passes, however its bytes are divided', () => {
  const text = 'a=s3cret-s3cret; b=s3cres3cret, ü s3cre';
  const bytes = Buffer.from(text);
  const expected = 'a=[redacted]-[redacted]; b=s3cre[redacted], ü s3cre';
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second += 3) {
      const chunks = [bytes.subarray(0, first), bytes.subarray(first, second)];
      assert.equal(pass('s3cret', [...chunks, bytes.subarray(second)]), expected);
    }
  }
  assert.equal(pass('s3cret', [...text]), expected);
});
