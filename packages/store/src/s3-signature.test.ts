import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestHex, digestOfBytes } from '@backlot/core';
import { s3Url } from './s3-address.ts';
import { S3Client } from './s3-client.ts';
import { ObjectStoreRefused } from './s3-error.ts';
import { signS3 } from './s3-signature.ts';
import { xmlText, xmlTexts } from './s3-xml.ts';

/** The examples of Amazon's "Signature Calculations for the Authorization Header". */
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const base = 'https://examplebucket.s3.amazonaws.com';
const vectors = [
  {
    ...{ name: 'get object', method: 'GET', path: '/test.txt', body: '' },
    headers: { range: 'bytes=0-9' },
    signed: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    ...{ name: 'put object', method: 'PUT', path: '/test%24file.text' },
    body: 'Welcome to Amazon S3.',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    signed: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    ...{ name: 'get bucket lifecycle', method: 'GET', path: '/?lifecycle', body: '', headers: {} },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    ...{
      name: 'list objects',
      method: 'GET',
      path: '/?max-keys=2&prefix=J',
      body: '',
      headers: {},
    },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

for (const { name, method, path, body, headers, signed, signature } of vectors) {
  test(`the published example is signed as published: ${name}`, async () => {
    const bodyHash = digestHex(digestOfBytes(body));
    const request = { method, url: new URL(`${base}${path}`), headers, bodyHash };
    const at = Date.UTC(2013, 4, 24);
    const result = await signS3(request, { credentials, region: 'us-east-1', at });
    assert.equal(
      result.get('authorization'),
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        `SignedHeaders=${signed}, Signature=${signature}`,
    );
    assert.equal(result.get('x-amz-content-sha256'), bodyHash);
    assert.equal(result.get('x-amz-date'), '20130524T000000Z');
  });
}

test('short-lived credentials sign their token, and every header counts', async () => {
  const url = new URL(`${base}/key`);
  const sign = async (headers: Record<string, string>, sessionToken?: string) => {
    const request = { method: 'PUT', url, headers, bodyHash: digestHex(digestOfBytes('')) };
    const signer = { ...credentials, ...(sessionToken && { sessionToken }) };
    return signS3(request, { credentials: signer, region: 'us-east-1', at: 0 });
  };
  const plain = (await sign({})).get('authorization');
  const conditional = (await sign({ 'if-none-match': '*' })).get('authorization');
  assert.notEqual(plain, conditional);
  assert.match(conditional!, /SignedHeaders=host;if-none-match;/);
  const tokened = await sign({}, 'token');
  assert.equal(tokened.get('x-amz-security-token'), 'token');
  assert.match(tokened.get('authorization')!, /;x-amz-security-token,/);
});

test('buckets stand in the host, and in the path where a service wants it', () => {
  const where = { bucket: 'media', region: 'eu-west-3' };
  const at = (more: object) => s3Url({ ...where, ...more }, 'a b/c', { prefix: 'x/' }).href;
  assert.equal(at({}), 'https://media.s3.eu-west-3.amazonaws.com/a%20b/c?prefix=x%2F');
  assert.equal(
    at({ pathStyle: true }),
    'https://s3.eu-west-3.amazonaws.com/media/a%20b/c?prefix=x%2F',
  );
  const endpoint = 'http://127.0.0.1:9000';
  assert.equal(at({ endpoint }), 'http://127.0.0.1:9000/media/a%20b/c?prefix=x%2F');
  assert.equal(
    at({ endpoint: 'https://s3.example:9000', pathStyle: false }),
    'https://media.s3.example:9000/a%20b/c?prefix=x%2F',
  );
});

test('a description that leads elsewhere is refused', () => {
  const good = { bucket: 'media', region: 'eu-west-3' };
  const bad = [
    ...[{ bucket: 'a' }, { bucket: 'evil.example/x' }, { bucket: 'Media' }, { region: 'x.evil' }],
    ...[{ prefix: 'a' }, { prefix: '../../x?/' }, { endpoint: 'ftp://h' }, { endpoint: 'h' }],
    ...[{ endpoint: 'https://u:p@h' }, { endpoint: 'https://h/path' }],
    ...[{ endpoint: 'http://minio.example:9000' }, { endpoint: 'http://127.0.0.1.evil.example' }],
  ];
  for (const change of bad) {
    const where = { ...good, ...change };
    const options = { io: undefined as never, fetch: undefined as never, where };
    assert.throws(
      () => new S3Client({ ...options, credentials: async () => credentials }),
      ObjectStoreRefused,
      JSON.stringify(change),
    );
  }
});

test('texts are read out of elements', () => {
  const xml = '<R><A><K>1 &amp;lt; &lt;2&gt;</K></A><A><K/></A><A><K></K></A></R>';
  assert.deepEqual(xmlTexts(xml, 'A'), ['<K>1 &amp;lt; &lt;2&gt;</K>', '<K/>', '<K></K>']);
  assert.equal(xmlText(xml, 'K'), '1 &lt; <2>');
  assert.equal(xmlText(xml, 'None'), undefined);
});
