import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { build } from '../build.ts';
import { addresses, launchBrowser, noBrowser, settled, signedIn } from './testing/browser.ts';
import { startFixture } from './testing/fixture-server.ts';

const skip = noBrowser();
let browser: Browser;
before(async () => {
  if (skip) return;
  await build();
  browser = await launchBrowser();
});
after(() => browser?.close());

test('a code opens a session once, leaves the address, and later visits use the cookie', {
  skip,
}, async (t) => {
  const fixture = await startFixture();
  const { page, errors } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(new URL(page.url()).pathname, '/lumen-media');
  assert.deepEqual(fixture.posted[0], {
    path: '/session',
    body: { code: 'one-time' },
    header: '1',
  });
  await page.goto(fixture.origin + addresses.model);
  await settled(page);
  assert.match((await page.textContent('h1')) ?? '', /als-film v14/);
  assert.deepEqual(errors, []);
  await page.context().close();

  const stranger = await browser.newPage();
  await stranger.goto(fixture.signIn);
  await stranger.waitForSelector('[role="alert"]');
  assert.match((await stranger.textContent('main')) ?? '', /E-ACCESS-004/);
  assert.equal(new URL(stranger.url()).hash, '', 'a used code leaves the address too');
  await stranger.close();
});

test('an author sees why there is no button; another signs with a reason', { skip }, async (t) => {
  const asAuthor = await startFixture({ person: 'imke' });
  const asOther = await startFixture({ person: 'nadia' });
  t.after(() => Promise.all([asAuthor.close(), asOther.close()]));
  const author = await signedIn(browser, asAuthor);
  await author.page.goto(asAuthor.origin + addresses.model);
  await settled(author.page);
  assert.equal(await author.page.getByRole('button', { name: 'Sign and approve' }).count(), 0);
  assert.match((await author.page.textContent('.approval')) ?? '', /outside its lineage/);
  await author.page.context().close();

  const { page, errors } = await signedIn(browser, asOther);
  await page.goto(asOther.origin + addresses.model);
  await settled(page);
  // What the page showed, as the server told it: the signature is over exactly that.
  const seen = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/models/als-film/versions/14');
    const { digest, evaluation, card } = await answer.json();
    return { digest, evaluation, card };
  });
  const sign = page.getByRole('button', { name: 'Sign and approve' });
  await sign.click();
  assert.match((await page.textContent('.approval')) ?? '', /Write a reason first/);
  assert.equal(asOther.posted.length, 1, 'nothing is sent without a reason');
  await page.getByLabel('Reason, kept in the ledger').fill('Better in six storefronts');
  await sign.click();
  await page.waitForSelector('.chip.tint-ok');
  assert.deepEqual(asOther.posted.at(-1), {
    path: '/models/als-film/versions/14/decisions',
    body: { decision: 'approve', reason: 'Better in six storefronts', seen },
    header: '1',
  });
  assert.equal(await sign.count(), 0);
  assert.match((await page.textContent('.approval')) ?? '', /Better in six storefronts/);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a running run repaints in place as its events come', { skip }, async (t) => {
  const fixture = await startFixture();
  const { page, errors } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  await page.goto(fixture.origin + addresses.run);
  await settled(page);
  const node = page.locator('[data-node="evaluate"]');
  await node.waitFor();
  assert.match((await node.textContent()) ?? '', /6 of 8/);
  const place = await node.boundingBox();
  fixture.advance();
  await page.waitForFunction(() =>
    document.querySelector('[data-node="evaluate"]')?.textContent?.includes('7 of 8'),
  );
  assert.match((await page.textContent('.chip')) ?? '', /18 of 21/);
  assert.deepEqual(await node.boundingBox(), place, 'the node stays where it was');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('.chip.tint-idle');
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a panel fails alone, with its code, reason and mend', { skip }, async (t) => {
  const fixture = await startFixture({ failing: new Set(['/tables']) });
  const { page } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  await page.goto(fixture.origin + addresses.tables);
  await page.waitForSelector('.failed');
  const text = (await page.textContent('.failed')) ?? '';
  assert.match(text, /E-SERVE-031/);
  assert.match(text, /checksum differs/);
  assert.match(text, /backlot doctor/);
  assert.equal(await page.locator('.rail-item').count(), 14, 'the frame goes on');
  await page.context().close();
});

test('a lost server is told, values stay, and signing waits', { skip }, async (t) => {
  const fixture = await startFixture();
  const { page } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  await page.goto(fixture.origin + addresses.model);
  await settled(page);
  await page.route('**/api/**', (route) => route.abort());
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('> again');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.live.lost');
  assert.match((await page.textContent('h1')) ?? '', /als-film v14/);
  const sign = page.getByRole('button', { name: 'Sign and approve' });
  assert.equal(await sign.getAttribute('aria-disabled'), 'true');
  await page.context().close();
});

test('an empty workspace says how to begin', { skip }, async (t) => {
  const fixture = await startFixture({ empty: true });
  const { page, errors } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  await settled(page);
  assert.match((await page.textContent('main')) ?? '', /Nothing here yet.*backlot start/s);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('an account gets titles, and the answer can be computed again', { skip }, async (t) => {
  const fixture = await startFixture();
  const { page, errors } = await signedIn(browser, fixture);
  t.after(() => fixture.close());
  await page.goto(fixture.origin + addresses.endpoint);
  await settled(page);
  await page.getByLabel('Account or pseudonym').fill('acct-1');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.titles li');
  assert.equal(await page.locator('.titles li').count(), 10);
  assert.deepEqual(fixture.posted.at(-1)?.body, { account: 'acct-1', k: 10, excludeSeen: true });
  await page.getByRole('button', { name: 'Another account' }).click();
  await page.waitForFunction(
    () => document.querySelector('.try input')?.getAttribute('value')?.length === 64,
  );
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.waitForSelector('.try .hue-ok');
  assert.match((await page.textContent('.try')) ?? '', /bit for bit/);
  assert.deepEqual(errors, []);
  await page.context().close();
});
