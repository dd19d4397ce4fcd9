import { z } from 'zod';

/** Milestones and attendance are the registry's words; they are repeated here because a configuration imports no room. */
const milestone = z.enum(['kickoff', 'weekly_sync', 'milestone_review', 'go_live', 'post_go_live']);
/** A role's name, the registry's known ones or a team's own. */
export const role = z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, 'a role is lower-case letters, digits and _');

/** The labels that HubSpot proposes for a deal's contacts, and the ones teams add most often. */
const DEFAULT_LABELS = {
  champion: 'champion',
  'project lead': 'project_lead',
  'project manager': 'project_lead',
  'executive sponsor': 'executive_sponsor',
  'decision maker': 'executive_sponsor',
  'integration specialist': 'integration_specialist',
  'technical contact': 'integration_specialist',
  'it contact': 'it_security',
  'security contact': 'it_security',
  'platform admin': 'platform_admin',
  'data migration owner': 'data_migration_owner',
  'billing contact': 'billing',
};

/** Who is invited, and what is missing. */
export const assemblySchema = z.strictObject({
  milestone: milestone.default('kickoff').describe('The milestone whose attendance counts for the meeting.'),
  labels: z
    .record(z.string().min(1).max(100), role)
    .default(DEFAULT_LABELS)
    .transform((labels) =>
      Object.fromEntries(Object.entries(labels).map(([label, value]) => [label.toLowerCase(), value])),
    )
    .describe('The CRM’s association label (case does not matter) → role. Yours take the place of the defaults.'),
  requireOneOf: z
    .array(role)
    .max(20)
    .default(['champion', 'project_lead'])
    .describe('One customer participant must have one of these roles, else the kickoff waits for a person.'),
  expectRoles: z
    .array(role)
    .max(20)
    .default(['executive_sponsor', 'it_security', 'integration_specialist', 'billing'])
    .describe('Roles whose absence is shown as a warning.'),
  fallbackOrganizer: z
    .strictObject({
      email: z.email().describe('An active member of your SkipUp workspace.'),
      name: z.string().min(1).max(200).optional().describe('The organizer’s name.'),
      timezone: z.string().min(1).max(64).optional().describe('IANA time zone, e.g. Europe/Berlin.'),
    })
    .optional()
    .describe('Who organizes when neither the registry nor the deal’s owner says.'),
  maxParticipants: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(50)
    .describe('At most so many are invited. SkipUp takes 50.'),
});
export type AssemblyOptions = z.infer<typeof assemblySchema>;
