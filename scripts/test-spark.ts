import { runTests } from './run-tests.ts';

/**
 * Runs the tests that need Spark, all on one server: `npm run test:spark`, or
 * `npm run test:spark -- packages/data` for a part of them.
 */
const wanted = process.argv.slice(2);
const folders = wanted.length > 0 ? wanted : ['packages'];
const files = folders.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.spark.test.ts`));
process.exitCode = await runTests(files, 600_000);
