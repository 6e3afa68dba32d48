import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  type Envelope,
  keyringOf,
  openEnvelope,
  preAuthenticationEncoding,
  signEnvelope,
} from './envelope.ts';
import { freshKeys } from './testing/registry-fixture.ts';

const type = 'application/example+json';

test('the encoding is the one of the DSSE specification', () => {
  const encoded = preAuthenticationEncoding(
    'http://example.com/HelloWorld',
    Buffer.from('hello world'),
  );
  assert.equal(
    Buffer.from(encoded).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  const two = preAuthenticationEncoding('é', Buffer.from(''));
  assert.equal(Buffer.from(two).toString(), 'DSSEv1 2 é 0 ');
});

test('what was signed opens, and nothing else does', async () => {
  const { signer, keyring } = freshKeys();
  const envelope = await signEnvelope(type, { a: [1, 'two'] }, signer);
  assert.deepEqual(await openEnvelope(envelope, type, keyring), {
    payload: { a: [1, 'two'] },
    keyId: 'key-1',
    owner: 'tarek',
  });
  assert.equal(await faultOf(envelope, 'application/other+json'), 'malformed');
  assert.equal(await faultOf(envelope, type, keyringOf([])), 'unknown-key');
  assert.equal(await faultOf(envelope, type, freshKeys().keyring), 'bad-signature');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  assert.equal(
    await faultOf(envelope, type, { find: () => ({ publicKey: rsa, owner: 'tarek' }) }),
    'unknown-key',
  );

  async function faultOf(given: unknown, payloadType: string, ring = keyring): Promise<string> {
    const opened = await openEnvelope(given, payloadType, ring);
    return 'fault' in opened ? opened.fault : 'none';
  }
});

test('any byte of payload or signature that changes closes the envelope', async () => {
  const { signer, keyring } = freshKeys();
  const envelope = await signEnvelope(type, { model: 'als', n: 7 }, signer);
  let tampered = 0;
  for (const part of ['payload', 'sig'] as const) {
    const bytes = Buffer.from(
      part === 'sig' ? envelope.signatures[0].sig : envelope.payload,
      'base64',
    );
    for (let index = 0; index < bytes.length; index++) {
      for (const bit of [1, 128]) {
        const changed = Buffer.from(bytes);
        changed[index]! ^= bit;
        const opened = await openEnvelope(
          withPart(envelope, part, changed.toString('base64')),
          type,
          keyring,
        );
        assert.ok('fault' in opened && opened.fault === 'bad-signature', `${part} byte ${index}`);
        tampered++;
      }
    }
  }
  assert.ok(tampered > 150);
});

test('a second reading of the same envelope is refused', async () => {
  const { signer, keyring } = freshKeys();
  const envelope = await signEnvelope(type, { n: 7 }, signer);
  const [signature] = envelope.signatures;
  const variants: readonly unknown[] = [
    { ...envelope, extra: 1 },
    { ...envelope, signatures: [] },
    { ...envelope, signatures: [signature, signature] },
    { ...envelope, signatures: [{ ...signature, cert: '' }] },
    { ...envelope, payload: `${envelope.payload}\n` },
    { ...envelope, payload: `${envelope.payload.replace(/=*$/, '')} ` },
    { ...envelope, payload: 'A'.repeat(100_000) },
    { ...envelope, payload: 7 },
    [envelope],
    null,
    'text',
  ];
  for (const variant of variants) {
    const opened = await openEnvelope(variant, type, keyring);
    assert.ok(
      'fault' in opened && opened.fault === 'malformed',
      JSON.stringify(variant).slice(0, 80),
    );
  }
});

test('a signed payload that is not canonical is refused, duplicate keys among them', async () => {
  const { signer, keyring } = freshKeys();
  for (const text of ['{"b":1,"a":2}', '{"a":1,"a":2}', '{ "a":1}', '{"a":1', '{"a":1e0}']) {
    const payload = Buffer.from(text);
    const sig = await signer.sign(preAuthenticationEncoding(type, payload));
    const envelope = {
      payloadType: type,
      payload: payload.toString('base64'),
      signatures: [{ keyid: 'key-1', sig: Buffer.from(sig).toString('base64') }],
    };
    const opened = await openEnvelope(envelope, type, keyring);
    assert.ok('fault' in opened && opened.fault === 'malformed', text);
  }
});

function withPart(envelope: Envelope, part: 'payload' | 'sig', value: string): Envelope {
  if (part === 'payload') return { ...envelope, payload: value };
  return { ...envelope, signatures: [{ ...envelope.signatures[0], sig: value }] };
}
