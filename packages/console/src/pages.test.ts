import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { build } from '../build.ts';
import {
  addresses,
  choose,
  launchBrowser,
  noBrowser,
  settled,
  signedIn,
} from './testing/browser.ts';
import { type Fixture, startFixture } from './testing/fixture-server.ts';

const skip = noBrowser();
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Pages whose parts cover all others: mirrored, checking these in one theme is enough. */
const mirrored = new Set([
  ...['home', 'table', 'run-failed', 'model', 'endpoint', 'audit'],
  ...['column', 'feature', 'lineage-column'],
]);

let browser: Browser;
let fixture: Fixture;
before(async () => {
  if (skip) return;
  await build();
  browser = await launchBrowser();
  fixture = await startFixture();
});
after(async () => {
  await browser?.close();
  await fixture?.close();
});

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
    interface Found {
      readonly violations: readonly {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
      }[];
    }
    const found = await axe.run({ runOnly: tags, resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, rules);
}

for (const theme of ['light', 'dark']) {
  for (const locale of ['en', 'ar']) {
    test(`every page stands and is accessible, ${theme}, ${locale}`, { skip }, async (t) => {
      const own = await startFixture();
      const { page, errors } = await signedIn(browser, own);
      t.after(async () => {
        await page.context().close();
        await own.close();
      });
      await choose(page, { theme, locale });
      const found: string[] = [];
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(own.origin + address);
        await settled(page);
        assert.equal(await page.getAttribute('html', 'dir'), locale === 'ar' ? 'rtl' : 'ltr');
        assert.deepEqual(errors, [], `${name} wrote to the console`);
        assert.equal(await page.locator('.failed').count(), 0, `${name} shows a failure`);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(wide <= 0, `${name} is ${wide} pixels wider than the window`);
        if (locale === 'en' || (theme === 'light' && mirrored.has(name))) {
          found.push(...(await violations(page)).map((text) => `${name}: ${text}`));
        }
      }
      assert.deepEqual(found, []);
    });
  }
}

test('the page fits a phone and a narrow window without a scroll to the side', {
  skip,
}, async (t) => {
  const own = await startFixture();
  const { page } = await signedIn(browser, own, { viewport: { width: 390, height: 800 } });
  t.after(async () => {
    await page.context().close();
    await own.close();
  });
  for (const name of [
    'home',
    'run-failed',
    'model',
    'column',
    'audit',
    'lineage-column',
    'feature',
  ]) {
    for (const width of [390, 900, 1100]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(own.origin + addresses[name]);
      await settled(page);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wide <= 0, `${name} at ${width} is ${wide} pixels wider than the window`);
    }
  }
});
