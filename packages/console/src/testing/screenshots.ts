import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../build.ts';
import { addresses, choose, launchBrowser, settled, signedIn } from './browser.ts';
import { startFixture } from './fixture-server.ts';

/** Pictures of every page beside the reference: `node screenshots.ts FOLDER`. */
const folder = process.argv[2] ?? 'shots';
mkdirSync(folder, { recursive: true });
await build();
const only = process.argv[3];
const pages = addresses;

const browser = await launchBrowser();
const fixture = await startFixture();
const { page, errors } = await signedIn(browser, fixture);
const variants = [
  ['light', 'en'],
  ['dark', 'en'],
  ['light', 'ar'],
] as const;
for (const [theme, locale] of variants) {
  for (const [name, path] of Object.entries(pages)) {
    if (only && !only.split(',').includes(name)) continue;
    if (
      locale === 'ar' &&
      !['home', 'run', 'model', 'table', 'lineage-column', 'feature'].includes(name)
    )
      continue;
    await choose(page, { theme, locale });
    await page.goto(fixture.origin + path);
    await settled(page);
    if (name === 'endpoint') await page.click('.try .icon-button');
    if (name === 'audit') await page.click('.page-acts button');
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(folder, `${name}-${theme}-${locale}.png`) });
  }
}
for (const error of errors)
  process.stderr.write(`${error}
`);
await browser.close();
await fixture.close();
