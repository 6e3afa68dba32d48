import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ApprovalStatement,
  approvalPayloadType,
  signStatement,
} from './approval-statement.ts';
import { keyringOf, signEnvelope } from './envelope.ts';
import { digestNamed, freshKeys } from './testing/registry-fixture.ts';
import { type ApprovalCheck, type ApprovalFault, verifyApproval } from './verify-approval.ts';

const subject = {
  ...{ workspace: 'lumen', model: 'als-film', version: 3 },
  digest: digestNamed('model'),
  data: { plays: digestNamed('plays'), titles: digestNamed('titles') },
  evaluation: digestNamed('evaluation'),
  card: digestNamed('card'),
  policy: digestNamed('policies'),
};
const target = { endpoint: 'film-recommend', storefronts: ['BR', 'JP'] };
const statement: ApprovalStatement = {
  ...subject,
  target,
  ...{ proposal: 'p-1', approver: 'tarek', keyId: 'key-1', nonce: 'n-1' },
  reason: digestNamed('it is better'),
  ...{ signedAt: 1_000_000, expiresAt: 2_000_000 },
};
const { signer, keyring } = freshKeys();

async function verdict(
  change: Partial<ApprovalCheck>,
  signed: Partial<ApprovalStatement> = {},
): Promise<ApprovalFault | 'valid'> {
  const found = await verifyApproval({
    envelope: await signStatement({ ...statement, ...signed }, signer),
    ...{ keyring, subject, target },
    authors: ['imke', 'rafa'],
    standing: () => 'allowed',
    now: 1_500_000,
    consumedBy: null,
    ...change,
  });
  return found.valid ? 'valid' : found.fault;
}

test('an approval over what is there holds, also for the deployment that consumed it', async () => {
  assert.equal(await verdict({}), 'valid');
  assert.equal(await verdict({ consumedBy: 'd-1', deployment: 'd-1' }), 'valid');
  assert.equal(await verdict({ now: 1_999_999 }), 'valid');
  assert.equal(await verdict({ now: 940_000 }), 'valid');
});

test('each misuse has its own reason', async () => {
  const other = digestNamed('other');
  const misuses: readonly (readonly [ApprovalFault, Partial<ApprovalCheck>])[] = [
    ['wrong-version', { subject: { ...subject, workspace: 'other' } }],
    ['wrong-version', { subject: { ...subject, model: 'als-book' } }],
    ['wrong-version', { subject: { ...subject, version: 4 } }],
    ['model-changed', { subject: { ...subject, digest: other } }],
    ['data-changed', { subject: { ...subject, data: { ...subject.data, plays: other } } }],
    ['data-changed', { subject: { ...subject, data: { plays: subject.data.plays } } }],
    ['data-changed', { subject: { ...subject, data: { ...subject.data, more: other } } }],
    ['evaluation-changed', { subject: { ...subject, evaluation: other } }],
    ['card-changed', { subject: { ...subject, card: other } }],
    ['policy-changed', { subject: { ...subject, policy: other } }],
    ['wrong-target', { target: { ...target, endpoint: 'book-recommend' } }],
    ['wrong-target', { target: { ...target, storefronts: ['BR'] } }],
    ['wrong-target', { target: { ...target, storefronts: ['BR', 'JP', 'US'] } }],
    ['wrong-target', { target: { ...target, storefronts: [] } }],
    ['self-approval', { authors: ['imke', 'tarek'] }],
    ['not-yet-valid', { now: 900_000 }],
    ['expired', { now: 2_000_000 }],
    ['expired', { now: Number.MAX_SAFE_INTEGER }],
    ['consumed', { consumedBy: 'd-1' }],
    ['consumed', { consumedBy: 'd-1', deployment: 'd-2' }],
    ['approver-suspended', { standing: () => 'suspended' }],
    ['approver-removed', { standing: () => 'removed' }],
    ['unknown-key', { keyring: keyringOf([]) }],
    ['bad-signature', { keyring: freshKeys().keyring }],
    ['malformed', { envelope: {} }],
    ['malformed', { envelope: undefined }],
  ];
  for (const [fault, change] of misuses) {
    assert.equal(await verdict(change), fault, `${fault}: ${Object.keys(change)}`);
  }
});

test('a statement that names another key than signed it, or whose key is of another, is refused', async () => {
  assert.equal(await verdict({}, { approver: 'nia' }), 'unknown-key');
  assert.equal(await verdict({}, { keyId: 'key-2' }), 'unknown-key');
});

test('each field of the payload, tampered in each byte, voids the approval', async () => {
  const envelope = await signStatement(statement, signer);
  const bytes = Buffer.from(envelope.payload, 'base64');
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes);
    changed[index]! ^= 1;
    const tampered = { ...envelope, payload: changed.toString('base64') };
    assert.equal(await verdict({ envelope: tampered }), 'bad-signature', `byte ${index}`);
  }
  for (const field of ['payloadType', 'keyid'] as const) {
    const text = field === 'keyid' ? envelope.signatures[0].keyid : envelope.payloadType;
    for (let index = 0; index < text.length; index++) {
      const value = `${text.slice(0, index)}~${text.slice(index + 1)}`;
      const tampered =
        field === 'keyid'
          ? { ...envelope, signatures: [{ ...envelope.signatures[0], keyid: value }] }
          : { ...envelope, payloadType: value };
      const expected = field === 'keyid' ? 'unknown-key' : 'malformed';
      assert.equal(await verdict({ envelope: tampered }), expected, `${field} ${index}`);
    }
  }
  console.log(`approval payload: ${bytes.length} bytes, each tampered and refused`);
});

test('well-signed payloads of another shape are no approvals', async () => {
  const { payload } = await signStatement(statement, signer);
  const good = JSON.parse(Buffer.from(payload, 'base64').toString());
  const shapes: readonly unknown[] = [
    null,
    [],
    { ...good, _type: 'https://in-toto.io/Statement/v0.1' },
    { ...good, predicateType: 'urn:other' },
    { ...good, subject: [] },
    { ...good, subject: [good.subject[0], good.subject[0]] },
    { ...good, subject: [{ ...good.subject[0], name: 'als-film@0' }] },
    { ...good, subject: [{ ...good.subject[0], digest: { sha256: 'short' } }] },
    { ...good, predicate: { ...good.predicate, more: 1 } },
    { ...good, predicate: { ...good.predicate, expiresAt: '2000000' } },
    { ...good, predicate: { ...good.predicate, card: 'none' } },
    { ...good, predicate: { ...good.predicate, target: { endpoint: 'x' } } },
    ...Object.keys(good.predicate).map((key) => {
      const { [key]: _left, ...predicate } = good.predicate;
      return { ...good, predicate };
    }),
  ];
  for (const shape of shapes) {
    const envelope = await signEnvelope(approvalPayloadType, shape as never, signer);
    assert.equal(await verdict({ envelope }), 'malformed', JSON.stringify(shape).slice(0, 60));
  }
});
