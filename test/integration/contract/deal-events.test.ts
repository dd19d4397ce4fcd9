import { describe, expect, it, onTestFinished } from 'vitest';
import { openPglite } from '../../harness/pglite.ts';
import { findSchemathesis } from '../../harness/schemathesis.ts';
import { receivers } from '../triggers/stack.ts';

const found = await findSchemathesis();
const missing = 'missing' in found ? ` (skipped: ${found.missing})` : '';

/** The same every time; one worker, because Python 3.11 cannot parse its own source in two threads at once. */
const CONFIG = `
seed = 20260210
workers = 1
request-timeout = 20
[generation]
max-examples = 40
deterministic = true
database = "none"
[checks]
# It takes the token away by sending an empty signature beside it: the token is a proof of its own.
ignored_auth.enabled = false
`;

describe.skipIf('missing' in found)(`deal events generated from their document${missing}`, { timeout: 300_000 }, () => {
  it('get no 5xx and no answer outside the document; the valid ones are accepted, the others refused', async () => {
    if ('missing' in found) throw new Error(found.missing);
    const database = await openPglite();
    onTestFinished(() => database.close());
    const { url, inbox } = await receivers(database);
    const token = ['-H', 'Authorization: Bearer deal-token'];
    const { findings, exitCode, report } = await found.run(`${url}/openapi.json`, CONFIG, token);
    expect(findings).toBe('');
    expect(exitCode).toBe(0);
    expect(report.operations).toMatchObject({ total: 1, tested: 1 });
    expect(report.errors).toEqual([]);
    expect(report.test_cases.generated).toBeGreaterThan(200);
    expect((await inbox()).length).toBeGreaterThan(20);
  });
});
