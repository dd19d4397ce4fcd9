import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberEmailIn } from '../../../triggers/member-deactivated.ts';

const email = 'Ada@Vendor.example';
const about = { event: 'member.deactivated', timestamp: '2026-11-20T16:00:00Z' };

describe('whom a deactivation is about', () => {
  it.each<[string, object]>([
    ['at the top', { ...about, email }],
    ['as the member', { ...about, member: { id: 'mem_1', email } }],
    ['as the workspace’s member', { ...about, workspace_member: { email } }],
    ['as the user', { ...about, user: { email } }],
    ['in the data', { ...about, data: { email } }],
    ['as the member in the data', { ...about, data: { member: { email } } }],
    ['by a name of its own', { ...about, member_email: email }],
    ['behind something that is none', { ...about, email: 'mem_1', member: null, data: { email: ` ${email} ` } }],
  ])('is found %s', (_where, payload) => {
    expect(memberEmailIn(payload)).toBe('ada@vendor.example');
  });

  it.each<[string, unknown]>([
    ['nothing', about],
    ['an id', { ...about, id: 'mem_1' }],
    ['a list', { ...about, member: [{ email }] }],
    ['a text that is endless', { ...about, email: `${'a'.repeat(300)}@vendor.example` }],
    ['no object', email],
  ])('is not known from %s', (_what, payload) => {
    expect(memberEmailIn(payload)).toBeUndefined();
  });

  it('is an address or nobody, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        const found = memberEmailIn(payload);
        expect(found === undefined || found.includes('@')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
