import { expect, it } from 'vitest';
import { describeTimeSkipping } from '../../harness/time-skipping.ts';

describeTimeSkipping('the time-skipping server', (environment) => {
  it('skips a fortnight in seconds', async () => {
    const before = await environment().currentTimeMs();
    const started = performance.now();
    await environment().sleep('14 days');
    expect((await environment().currentTimeMs()) - before).toBeGreaterThanOrEqual(14 * 86_400_000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
