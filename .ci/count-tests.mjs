/**
 * Counts a Vitest JSON report: "<passed> <failed>". A test that did not run counts as failed, and so does a file that did
 * not load, and an exit code that no test explains.
 *
 * node count-tests.mjs <report> <exit code>
 */
import { readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
let passed = 0;
let failed = 0;
for (const file of testResults) {
  const good = file.assertionResults.filter(({ status }) => status === 'passed').length;
  const other = file.assertionResults.length - good;
  passed += good;
  failed += other;
  if (file.status !== 'passed' && other === 0) failed += 1;
}
if (exitCode !== '0' && failed === 0) failed = 1;
console.log(`${passed} ${failed}`);
