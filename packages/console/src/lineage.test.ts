import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { build } from '../build.ts';
import { addresses, launchBrowser, noBrowser, settled, signedIn } from './testing/browser.ts';
import { type FixtureOptions, startFixture } from './testing/fixture-server.ts';

const skip = noBrowser();
let browser: Browser;
before(async () => {
  if (skip) return;
  await build();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

async function open(t: TestContext, options: FixtureOptions = {}) {
  const fixture = await startFixture(options);
  const { page, errors } = await signedIn(browser, fixture);
  t.after(async () => {
    await page.context().close();
    await fixture.close();
    assert.deepEqual(errors, []);
  });
  await page.goto(fixture.origin + addresses.lineage);
  await settled(page);
  const node = (name: string) => page.locator('.graph-node', { hasText: name }).first();
  return { page, node };
}

test('keys follow edges, a focus narrows the graph, a column shows where it comes from', {
  skip,
}, async (t) => {
  const { page, node } = await open(t);
  const whole = await page.locator('.graph-node').count();
  await node('/lake/ratings').click();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.textContent?.includes('nightly'));
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('ratings'));
  await page.getByRole('button', { name: 'Focus here' }).click();
  await page.getByRole('button', { name: '1', exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll('.graph-node').length === 3);
  await page.getByRole('button', { name: '4', exact: true }).click();
  await page.getByRole('button', { name: 'stars text' }).click();
  const trace = page.locator('.lineage-trace').first();
  assert.match((await trace.textContent()) ?? '', /ratings\.stars computed/);
  await page.locator('.graph-node.pale', { hasText: 'als-film' }).waitFor();
  assert.equal(await page.locator('.graph-node.pale', { hasText: 'nightly' }).count(), 0);
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.waitForFunction(
    (count) => document.querySelectorAll('.graph-node').length === count,
    whole,
  );
});

test('the graph is zoomed by keys, and dragged', { skip }, async (t) => {
  const { page, node } = await open(t);
  await node('catalogue').focus();
  const width = async () => (await node('catalogue').boundingBox())!.width;
  const before = await width();
  await page.keyboard.press('-');
  await page.getByText('75%').waitFor();
  assert.ok(Math.abs((await width()) / before - 0.75) < 0.01);
  for (const _ of [1, 2, 3]) await page.keyboard.press('+');
  await page.getByText('150%').waitFor();
  const box = (await page.locator('.graph').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 40];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 200, y, { steps: 4 });
  await page.mouse.up();
  const left = await page.locator('.graph').evaluate((graph) => graph.scrollLeft);
  assert.ok(left >= 150, `scrolled by ${left}`);
});

test('of ten thousand nodes only those in sight are drawn, and a search finds the others', {
  skip,
}, async (t) => {
  const { page } = await open(t, { large: true });
  const drawn = () => page.locator('.graph-node').count();
  assert.ok((await drawn()) < 400, `${await drawn()} nodes are drawn`);
  await page.getByRole('searchbox').fill('n9876');
  await page.locator('.graph-node[aria-pressed="true"]', { hasText: 'n9876' }).waitFor();
  assert.ok((await drawn()) < 400, `${await drawn()} nodes are drawn`);
});
