import { expect, it } from 'vitest';
import { defaultAssemblyPolicy, KNOWN_ROLES, roleTitle } from '../../../registry/index.ts';

it('every label of the default policy is lower-cased and stands for a role', () => {
  const roles = new Set<string>([...KNOWN_ROLES, 'primary']);
  for (const [label, role] of Object.entries(defaultAssemblyPolicy.roleOfLabel)) {
    expect(label).toBe(label.trim().toLowerCase());
    expect(roles).toContain(role);
  }
});

it.each([
  ['it_security', 'IT/security lead'],
  ['champion', 'champion'],
  ['my_own_role', 'my own role'],
  ['constructor', 'constructor'],
])('%s reads %s', (role, title) => {
  expect(roleTitle(role)).toBe(title);
});
