import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idempotencyKeyOf, uuidOf } from '../../../../activities/steps/outbound-id.ts';

describe('ids from a marker', () => {
  it('are UUIDs of version 4, the same for the same marker and others for others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(uuidOf(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(uuidOf(one) === uuidOf(other)).toBe(one === other);
      }),
    );
  });

  it('never change: what was made under them is found by them', () => {
    const marker = 'kickoff:hubspot:1148/r1/on_booked/project';
    expect(uuidOf(marker)).toBe('290b7877-a56d-454a-abd1-5c1f64c3f1db');
    expect(idempotencyKeyOf(marker)).toBe('290b7877a56dc54aebd15c1f64c3f1dba063d822e644239ee2e7f92a84077031');
  });
});
