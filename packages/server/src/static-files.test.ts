import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realIo } from '@backlot/core';
import { asAnn, fixture } from './listener.fixture.ts';
import { readStaticFiles, type StaticFiles } from './static-files.ts';

const page = { host: asAnn.host, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const signedIn = { ...page, cookie: 'backlot_session=session-ann' };

async function consoleFiles(t: { after(done: () => Promise<void>): void }): Promise<StaticFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-console-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'assets', 'fonts'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Backlot</title>');
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'assets', 'fonts', 'inter.woff2'), 'font');
  await writeFile(join(folder, 'secret.txt'), 'canary');
  await symlink(join(folder, 'secret.txt'), join(folder, 'assets', 'link.txt'));
  return readStaticFiles(realIo().files, folder);
}

test('the page and its files are open, with a policy that allows only themselves', async (t) => {
  const { listener } = fixture({ staticFiles: await consoleFiles(t) });
  const ask = (url: string, headers: object = page) =>
    listener.inner.inject({ url, headers: { ...headers } });
  const index = await ask('/');
  assert.match(index.body, /Backlot/);
  const policy = String(index.headers['content-security-policy']);
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  const script = await ask('/assets/main-1a2b.js');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(String(script.headers['cache-control']), /immutable/);
  assert.equal((await ask('/assets/fonts/inter.woff2')).statusCode, 200);
  const tag = String(script.headers.etag);
  const again = await ask('/assets/main-1a2b.js', { ...page, 'if-none-match': tag });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
});

test('nothing outside the listing is served, whatever the path says', async (t) => {
  const { listener } = fixture({ staticFiles: await consoleFiles(t) });
  const paths = [
    '/assets/link.txt',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
    '/secret.txt',
    '/assets/',
    '/assets/fonts',
    '/assets/MAIN-1a2b.js',
    '/assets//main-1a2b.js',
    '/assets/main-1a2b.js%00',
    '/assets/__proto__',
    '/assets/constructor',
    '/index.html',
  ];
  for (const url of paths) {
    const answer = await listener.inner.inject({ url, headers: { host: asAnn.host } });
    assert.ok([401, 404].includes(answer.statusCode), `${url} ${answer.statusCode}`);
    assert.doesNotMatch(answer.body, /canary/);
  }
});

test('a deep link works with a session, and without one leads to the one open page', async (t) => {
  const { listener } = fixture({ staticFiles: await consoleFiles(t) });
  const ask = (url: string, headers: object) =>
    listener.inner.inject({ url, headers: { ...headers } });
  const known = await ask('/main/shop/runs/abc?task=fit', signedIn);
  assert.equal(known.statusCode, 200);
  assert.match(known.body, /Backlot/);
  const away = await ask('/main/shop/runs/abc?task=fit', page);
  assert.equal(away.statusCode, 302);
  assert.equal(away.headers.location, '/?to=%2Fmain%2Fshop%2Fruns%2Fabc%3Ftask%3Dfit');
  assert.equal(away.body, '');
  const other = await ask('/no/such/page', page);
  assert.equal(other.statusCode, 302, 'the same answer, whatever exists');
  for (const url of [
    '/api/v1/x',
    '/api',
    '/v2/x',
    '/v2',
    '/metrics',
    '/openapi.json',
    '//evil.example',
    '/a//b',
    '/%2f%2fevil.example',
    '/a%0d%0ab',
    '/a\\b',
  ]) {
    const answer = await ask(url, page);
    assert.equal(answer.statusCode, url === '/a\\b' ? 302 : 401, url);
    const location = String(answer.headers.location ?? '/?');
    assert.ok(location.startsWith('/?'), url);
  }
  assert.equal(
    (await ask('/main/shop', { host: asAnn.host, accept: 'application/json' })).statusCode,
    401,
  );
  assert.equal(
    (
      await ask('/main/shop', {
        ...signedIn,
        'sec-fetch-site': 'same-site',
        'sec-fetch-mode': 'navigate',
      })
    ).statusCode,
    200,
  );
  const posted = await listener.inner.inject({ method: 'POST', url: '/main/shop', headers: page });
  assert.equal(posted.statusCode, 401);
});
