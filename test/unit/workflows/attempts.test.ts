import { describe, expect, it } from 'vitest';
import { stepRetrySchema } from '../../../config/policy.ts';
import { attemptsOf, UNDOING } from '../../../workflows/steps/retry.ts';

const rule = (retry: object) => stepRetrySchema.parse(retry);
const TWO_DAYS = 2 * 86_400_000;

describe('how a step is tried', () => {
  it('is local first where a repetition makes nothing twice', () => {
    expect(attemptsOf({ kind: 'crm_status' })).toEqual({
      local: { attempts: 3, firstMs: 250 },
      pauseMs: 0,
      regular: { firstMs: 2_000, mostMs: 300_000, forMs: TWO_DAYS },
      heartbeatMs: 10_000,
    });
    expect(attemptsOf({ kind: 'http' })).toMatchObject({ local: { attempts: 3 }, attemptMs: 150_000 });
  });

  it.each(['email', 'own'] as const)(
    'is never cut off after four seconds for %s, which might then come twice',
    (kind) => {
      expect(attemptsOf({ kind })).toEqual({
        pauseMs: 0,
        regular: { firstMs: 2_000, mostMs: 300_000, forMs: TWO_DAYS },
        attemptMs: 150_000,
        heartbeatMs: 10_000,
      });
      expect(attemptsOf({ kind }, UNDOING).regular.forMs).toBe(UNDOING.regular.forMs);
    },
  );

  it.each([
    [{ attempts: 1 }, { attempts: 1, firstMs: 2_000, mostMs: 300_000, forMs: TWO_DAYS }],
    [
      { attempts: 4, firstSeconds: 5 },
      { attempts: 4, firstMs: 5_000, mostMs: 300_000, forMs: TWO_DAYS },
    ],
    [
      { forHours: 1, mostMinutes: 2 },
      { firstMs: 2_000, mostMs: 120_000, forMs: 3_600_000 },
    ],
  ])('keeps to the step’s own rule %o, as often and as long', (retry, regular) => {
    expect(attemptsOf({ kind: 'email', retry: rule(retry) })).toMatchObject({ pauseMs: 0, regular });
  });
});
