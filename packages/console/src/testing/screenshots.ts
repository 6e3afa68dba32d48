import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from '../../build.ts';
import { startFixture } from './fixture-server.ts';

/** Pictures of every page beside the reference: `node screenshots.ts FOLDER`. */
const folder = process.argv[2] ?? 'shots';
mkdirSync(folder, { recursive: true });
await build();
const only = process.argv[3];
const project = '/lumen-media/film-recommend';
const pages: Readonly<Record<string, string>> = {
  home: '/lumen-media',
  reviews: '/lumen-media/reviews',
  tables: `${project}/tables`,
  table: `${project}/tables/plays`,
  deliveries: `${project}/deliveries?delivery=d31c8f0`,
  pipelines: `${project}/pipelines`,
  pipeline: `${project}/pipelines/daily-recommend`,
  runs: `${project}/runs`,
  run: `${project}/runs/b81c02e?task=evaluate/EG`,
  'run-failed': `${project}/runs/7f3a91c?task=evaluate/EG`,
  models: `${project}/models`,
  model: `${project}/models/als-film/14`,
  endpoints: `${project}/endpoints`,
  endpoint: `${project}/endpoints/film-recommend`,
  audit: '/lumen-media/audit/52',
  settings: '/lumen-media/settings',
  help: '/lumen-media/help',
};

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
const fixture = await startFixture();
const context = await browser.newContext({
  viewport: { width: 1440, height: 900 },
  timezoneId: 'UTC',
});
const page = await context.newPage();
page.on('console', (message) => {
  if (message.type() === 'error') process.stderr.write(`${message.text()}\n`);
});
await page.goto(fixture.signIn);
await page.waitForSelector('.rail');
const variants = [
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
] as const;
for (const [theme, locale] of variants) {
  for (const [name, path] of Object.entries(pages)) {
    if (only && !only.split(',').includes(name)) continue;
    if (locale === 'ar' && !['home', 'run', 'model', 'table'].includes(name)) continue;
    await page.evaluate(
      (chosen) => localStorage.setItem('backlot.settings', JSON.stringify(chosen)),
      { theme, locale },
    );
    await page.goto(fixture.origin + path);
    await page.waitForSelector('h1');
    if (name === 'endpoint') await page.click('.try .icon-button');
    if (name === 'audit') await page.click('.page-acts button');
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(folder, `${name}-${theme}-${locale}.png`) });
  }
}
await page.goto(fixture.origin + pages.home!);
await page.waitForSelector('h1');
await browser.close();
await fixture.close();
