import { describe, expect, it } from 'vitest';
import { roleOf } from '../../../../console/access/role-of.ts';

const RULE = { roleClaim: 'groups', operators: ['ops'], viewers: ['cs', 'sales'] };

describe('the role that an identity provider’s claims give', () => {
  it.each([
    [{ groups: ['all', 'ops'] }, 'operator'],
    [{ groups: 'ops' }, 'operator'],
    [{ groups: ['sales'] }, 'viewer'],
    [{ groups: ['cs', 'ops'] }, 'operator'],
    [{ groups: ['OPS', 'ops ', 'op'] }, undefined],
    [{ groups: [] }, undefined],
    [{ groups: 'ops,cs' }, undefined],
    [{ groups: [{ name: 'ops' }, ['ops'], 7, null] }, undefined],
    [{ groups: { ops: true } }, undefined],
    [{}, undefined],
  ])('of %j is %s', (claims, role) => expect(roleOf(claims, RULE)).toBe(role));

  it.each([
    [true, 'operator'],
    ['true', 'operator'],
    [false, undefined],
    ['false', undefined],
    [1, undefined],
    [undefined, undefined],
  ])('is that of an address only when the provider has verified it: %j', (verified, role) => {
    const claims = { email: 'ada@acme.example', email_verified: verified };
    expect(roleOf(claims, { roleClaim: 'email', operators: ['ada@acme.example'], viewers: [] })).toBe(role);
  });

  it('may stand below another claim, or under a name with dots', () => {
    const nested = { ...RULE, roleClaim: 'realm_access.roles' };
    expect(roleOf({ realm_access: { roles: ['ops'] } }, nested)).toBe('operator');
    expect(roleOf({ realm_access: 'ops' }, nested)).toBeUndefined();
    expect(roleOf({ 'https://x.example/roles': ['cs'] }, { ...RULE, roleClaim: 'https://x.example/roles' })).toBe(
      'viewer',
    );
  });

  it('is never found in what every object has', () => {
    expect(roleOf({}, { roleClaim: 'constructor.name', operators: ['Object'], viewers: [] })).toBeUndefined();
  });
});
