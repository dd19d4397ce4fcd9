import { KNOWN_ROLES } from './model.ts';

/** Given to the CRM's primary contact, who counts as the customer's lead when nobody better is known. */
export const PRIMARY_ROLE = 'primary';
export const CS_LEAD_ROLE = 'cs_lead';

export const ROLE_PATTERN = /^[a-z_]+$/;

const ORDER: readonly string[] = ['champion', 'project_lead', PRIMARY_ROLE, ...KNOWN_ROLES.slice(2)];

/** Lower is more important; a team's own roles come after the known ones, no role comes last. */
export function rankOfRole(role: string): number {
  const index = ORDER.indexOf(role);
  return index === -1 ? ORDER.length : index;
}

/** The rank of a person: that of the most important role. */
export function rankOfPerson(roles: readonly string[]): number {
  return Math.min(ORDER.length + 1, ...roles.map(rankOfRole));
}

/** Without repeats, most important first, then by name. */
export function uniteRoles(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort((a, b) => rankOfRole(a) - rankOfRole(b) || (a < b ? -1 : 1));
}

/**
 * The roles that a CRM's association labels stand for. A label that is no role of the policy's and no known role stands for none.
 *
 * @param roleOfLabel lower-cased label → role
 */
export function rolesOfLabels(labels: readonly string[], roleOfLabel: Record<string, string>): string[] {
  const known: readonly string[] = KNOWN_ROLES;
  return uniteRoles(
    labels.flatMap((label) => {
      const text = label.trim().toLowerCase();
      const mapped = Object.hasOwn(roleOfLabel, text) ? roleOfLabel[text] : undefined;
      if (mapped !== undefined) return [mapped];
      const slug = text.replace(/[^a-z]+/g, '_');
      return known.includes(slug) ? [slug] : [];
    }),
  );
}

const TITLES: Record<string, string> = {
  champion: 'champion',
  project_lead: 'project lead',
  primary: 'primary contact',
  executive_sponsor: 'executive sponsor',
  integration_specialist: 'integration specialist',
  it_security: 'IT/security lead',
  platform_admin: 'platform admin',
  data_migration_owner: 'data migration owner',
  billing: 'billing contact',
  cs_lead: 'CS lead',
};

/** A role in words. */
export function roleTitle(role: string): string {
  return (Object.hasOwn(TITLES, role) ? TITLES[role] : undefined) ?? role.replaceAll('_', ' ');
}

/** "champion, project lead or primary contact" */
export function alternatives(roles: readonly string[]): string {
  const titles = roles.map(roleTitle);
  const last = titles.at(-1) ?? '';
  return titles.length <= 1 ? last : `${titles.slice(0, -1).join(', ')} or ${last}`;
}
