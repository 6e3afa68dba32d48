import { assert } from '@backlot/core';
import { ObjectStoreRefused } from './s3-error.ts';

/** A bucket, and where it is. */
export interface S3Bucket {
  readonly bucket: string;
  readonly region: string;
  /** `https://host[:port]` of a service that is not Amazon's own. */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path in place of the host's name; as a rule with an endpoint. */
  readonly pathStyle?: boolean;
  /** What all keys begin with, such as `media/objects/`; nothing by default. */
  readonly prefix?: string;
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const prefixShape = /^(?:[A-Za-z0-9_.-]{1,100}\/){0,8}$/;

/** Checks a bucket's description, which a person wrote. */
export function checkBucket({ bucket, region, endpoint, prefix = '' }: S3Bucket): void {
  const refuse = (reason: string) => new ObjectStoreRefused('the address of the bucket', reason);
  if (!bucketName.test(bucket)) throw refuse(`${bucket} is no name of a bucket`);
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw refuse(`${region} is no region`);
  if (!prefixShape.test(prefix))
    throw refuse(`the prefix ${prefix} has to be folders that end in /`);
  if (endpoint === undefined) return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const secure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (!url || !secure || url.pathname !== '/' || url.search || url.username) {
    throw refuse('the endpoint has to be https://HOST:PORT; http is for this machine alone');
  }
}

/** Beyond these names the requests, and a session's token in them, would pass a network in the clear. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The address of a key, or of the bucket itself for the empty key. */
export function s3Url(where: S3Bucket, key: string, query: Readonly<Record<string, string>>): URL {
  const { bucket, region, endpoint, pathStyle = endpoint !== undefined } = where;
  const base = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  if (!pathStyle) base.hostname = `${bucket}.${base.hostname}`;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const url = new URL(pathStyle ? `/${bucket}/${path}` : `/${path}`, base);
  assert(url.host === base.host, 'a key does not lead to another host');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
