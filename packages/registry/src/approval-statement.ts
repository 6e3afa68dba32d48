import { type Digest, digestHex, isDigest, type Json } from '@backlot/core';
import {
  type Envelope,
  type Keyring,
  openEnvelope,
  type Signer,
  signEnvelope,
} from './envelope.ts';

/** Where an approved version may serve. */
export interface ApprovalTarget {
  readonly endpoint: string;
  /** Sorted, without repeats; empty when the endpoint knows no storefronts. */
  readonly storefronts: readonly string[];
}

/** The digests that an approval binds: when one of them is another now, the approval is void. */
export interface ApprovalSubject {
  readonly workspace: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  /** Data snapshots by the name of the input. */
  readonly data: Readonly<Record<string, Digest>>;
  readonly evaluation: Digest;
  readonly card: Digest;
  /** The digest of the policies in force. */
  readonly policy: Digest;
}

/** What an approver signs. */
export interface ApprovalStatement extends ApprovalSubject {
  readonly target: ApprovalTarget;
  readonly proposal: string;
  readonly approver: string;
  readonly keyId: string;
  /** The digest of the approver's reason; its text stands beside the approval. */
  readonly reason: Digest;
  readonly nonce: string;
  readonly signedAt: number;
  readonly expiresAt: number;
}

/** In-toto's media type for statements. */
export const approvalPayloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const predicateType = 'urn:backlot:approval:v1';

/** Signs a statement: the model is the subject, all else the predicate. */
export function signStatement(statement: ApprovalStatement, signer: Signer): Promise<Envelope> {
  return signEnvelope(approvalPayloadType, toPayload(statement), signer);
}

function toPayload({ model, version, digest, ...predicate }: ApprovalStatement): Json {
  return {
    _type: statementType,
    subject: [{ name: `${model}@${version}`, digest: { sha256: digestHex(digest) } }],
    predicateType,
    predicate: { ...predicate, target: { ...predicate.target } },
  };
}

/** Opens a signed statement, or says why it is not one. */
export async function openStatement(
  envelope: unknown,
  keyring: Keyring,
): Promise<
  | { readonly statement: ApprovalStatement }
  | { readonly fault: 'malformed' | 'unknown-key' | 'bad-signature'; readonly detail: string }
> {
  const opened = await openEnvelope(envelope, approvalPayloadType, keyring);
  if ('fault' in opened) return opened;
  const statement = readPayload(opened.payload);
  if (!statement) return { fault: 'malformed', detail: 'the payload is not an approval' };
  if (statement.keyId !== opened.keyId || statement.approver !== opened.owner) {
    return {
      fault: 'unknown-key',
      detail: 'the key that signed it is not the one of its approver',
    };
  }
  return { statement };
}

const shape: Readonly<Record<string, (value: unknown) => boolean>> = {
  workspace: isText,
  data: (value) => isRecord(value) && Object.values(value).every(isDigest),
  evaluation: isDigest,
  card: isDigest,
  policy: isDigest,
  target: isTarget,
  proposal: isText,
  approver: isText,
  keyId: isText,
  reason: isDigest,
  nonce: isText,
  signedAt: Number.isSafeInteger,
  expiresAt: Number.isSafeInteger,
};

function readPayload(payload: Json): ApprovalStatement | undefined {
  if (!isRecord(payload)) return undefined;
  const { _type, subject, predicateType: predicateKind, predicate } = payload;
  if (_type !== statementType || predicateKind !== predicateType) return undefined;
  const named = readSubject(subject);
  if (!named || !isRecord(predicate)) return undefined;
  const keys = Object.keys(predicate);
  if (keys.length !== Object.keys(shape).length) return undefined;
  if (!keys.every((key) => Object.hasOwn(shape, key) && shape[key]!(predicate[key])))
    return undefined;
  return { ...(predicate as unknown as Omit<ApprovalStatement, keyof typeof named>), ...named };
}

function readSubject(
  subject: unknown,
): { readonly model: string; readonly version: number; readonly digest: Digest } | undefined {
  if (!Array.isArray(subject) || subject.length !== 1 || !isRecord(subject[0])) return undefined;
  const { name, digest } = subject[0];
  const match = /^([a-z0-9._-]+)@([1-9]\d{0,8})$/.exec(String(name));
  const full = `sha256:${isRecord(digest) ? String(digest.sha256) : ''}`;
  if (!match || !isDigest(full)) return undefined;
  return { model: match[1]!, version: Number(match[2]), digest: full };
}

function isTarget(value: unknown): boolean {
  if (!isRecord(value) || !isText(value.endpoint)) return false;
  const { storefronts } = value;
  return Array.isArray(storefronts) && storefronts.every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
