import { AwsV4Signer } from 'aws4fetch';

/** What a request is signed with. They may be short-lived: they are asked for at each request. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, 64 hexadecimal digits: the server checks what arrives against it. */
  readonly bodyHash: string;
}

/** The headers that sign a request (AWS Signature Version 4), over its body and all its headers. */
export async function signS3(
  request: UnsignedRequest,
  options: {
    readonly credentials: S3Credentials;
    readonly region: string;
    /** Milliseconds since 1970, UTC. */
    readonly at: number;
  },
): Promise<Headers> {
  const { method, url, headers, bodyHash } = request;
  const { credentials, region, at } = options;
  const signer = new AwsV4Signer({
    ...{ method, url: url.href, region, service: 's3', allHeaders: true },
    headers: { ...headers, 'x-amz-content-sha256': bodyHash },
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
    datetime: new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  return (await signer.sign()).headers;
}
