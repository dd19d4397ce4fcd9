import type { KickoffPolicy } from '../../config/policy.ts';

/** Who is told about somebody's kickoffs: their own manager, else everybody's; undefined when none is configured. */
export function managerOf(
  email: string,
  { manager, managerOf: own }: Pick<KickoffPolicy, 'manager' | 'managerOf'>,
): string | undefined {
  const person = email.toLowerCase();
  const entry = Object.entries(own ?? {}).find(([csm]) => csm.toLowerCase() === person);
  return entry?.[1] ?? manager;
}
