import { z } from 'zod';

/** The roles a kickoff is looked at for, in order of rank; a team may add its own. Source: the stakeholder registry template. */
export const KNOWN_ROLES = [
  'champion',
  'project_lead',
  'executive_sponsor',
  'integration_specialist',
  'it_security',
  'platform_admin',
  'data_migration_owner',
  'billing',
  'cs_lead',
] as const;

export const MILESTONES = ['kickoff', 'weekly_sync', 'milestone_review', 'go_live', 'post_go_live'] as const;
export type Milestone = (typeof MILESTONES)[number];

export const attendanceSchema = z.enum(['required', 'optional', 'none']);
export const sideSchema = z.enum(['customer', 'vendor', 'partner']);

/** One person in the registry, for an account or for one deal of it. */
export const stakeholderSchema = z.object({
  accountId: z.string().min(1),
  /** Set: the row counts for this deal only, and before the account's rows. */
  dealId: z.string().min(1).optional(),
  /** Lower-cased. */
  email: z.string(),
  name: z.string().optional(),
  side: sideSchema,
  roles: z.array(z.string()),
  /** Attendance per milestone; a milestone not named means `required` for the kickoff and `optional` elsewhere. */
  attendance: z.partialRecord(z.enum(MILESTONES), attendanceSchema).default({}),
  /** IANA zone. */
  timezone: z.string().optional(),
  timezoneSource: z.enum(['person', 'crm', 'account']).optional(),
  /** ISO dates, inclusive. */
  activeFrom: z.string().optional(),
  activeTo: z.string().optional(),
  /** The kickoffs for which the row counts: names of workstreams, `main` for the kickoff without one. Left out: all. */
  workstreams: z.array(z.string()).optional(),
  optedOut: z.boolean().default(false),
  optedOutReason: z.string().optional(),
  source: z.enum(['manual', 'import', 'crm']),
  sourceRef: z.string().optional(),
  verifiedAt: z.string().optional(),
});
export type Stakeholder = z.infer<typeof stakeholderSchema>;

/** What the registry knows of an account itself. */
export const accountSchema = z.object({
  id: z.string().min(1),
  name: z.string().optional(),
  /** ISO 3166-1 alpha-2, or with a subdivision ISO 3166-2: `DE`, `US-CA`. */
  country: z.string().optional(),
  /** IANA zone: of the account's people who have none of their own. */
  timezone: z.string().optional(),
});
export type Account = z.infer<typeof accountSchema>;

/** Who changes the registry, and by which way. */
export interface Changer {
  /** A person, as the command line or the console knows them. */
  by: string;
  /** `import people.csv`, `crm hubspot`, `command line`. */
  source: string;
}

/** The part of a deal that assembly looks at. */
export interface AssemblyDeal {
  id: string;
  account: { id: string; name: string };
  owner?: { email: string; name?: string | undefined; timezone?: string | undefined } | undefined;
}

/** The part of a CRM contact that assembly looks at. */
export interface AssemblyContact {
  id?: string | undefined;
  email?: string | undefined;
  name?: string | undefined;
  labels: string[];
  isPrimary: boolean;
  timezone?: string | undefined;
  optedOut: boolean;
}

export interface AssemblyPolicy {
  milestone: Milestone;
  /** CRM association label (lower-cased) → role. */
  roleOfLabel: Record<string, string>;
  /** At least one customer participant must have one of these, else a blocking gap. */
  requireOneOf: string[];
  /** Missing ones are warnings. */
  expectRoles: string[];
  /** Used when neither registry nor CRM names one. */
  fallbackOrganizer?: { email: string; name?: string | undefined; timezone?: string | undefined } | undefined;
  /** Only people with one of these are invited, whatever their side. Left out: everybody. */
  roles?: string[] | undefined;
  /** At most this many are invited; SkipUp takes 50. */
  maxParticipants: number;
}

/** A person who is invited. */
export interface Participant {
  email: string;
  name?: string;
  timezone?: string;
  side: 'customer' | 'vendor' | 'partner';
  roles: string[];
  attendance: 'required' | 'optional';
  /** Where the decisive entry came from, in words: "registry (deal)", "registry (account)", "CRM (Billing contact)", "CRM". */
  from: string;
}

/** A person who is not invited, and why. */
export interface ExcludedPerson {
  email?: string;
  name?: string;
  /** In words, e.g. "opted out: left the company". */
  reason: string;
}

export interface Organizer {
  email: string;
  name?: string;
  timezone?: string;
  from: string;
}

export type GapCode =
  | 'no_participants'
  | 'no_lead'
  | 'no_organizer'
  /** Whoever would invite is no active member of the SkipUp workspace. */
  | 'organizer_not_member'
  /** Whether they are could not be found out. */
  | 'organizer_unchecked'
  | 'everyone_opted_out'
  | 'missing_role'
  | 'missing_timezone'
  | 'single_domain'
  | 'too_many_participants';

/** Something or somebody missing. `block` makes the kickoff wait for a person; `warn` is shown. */
export interface Gap {
  code: GapCode;
  severity: 'block' | 'warn';
  /** A sentence that says what is missing and what to do. */
  message: string;
  role?: string;
  /** True when a person may say "go on without": nobody to invite and no organizer cannot be accepted. */
  acceptable: boolean;
}

/** One entry that names a person: a row of the registry, a contact of the CRM, or somebody's own word. */
export interface ConsideredEntry {
  kind: 'row' | 'contact' | 'named';
  /** Its place in what assembly was given, from 0. */
  index: number;
  /** "registry (deal)", "registry (account)", "CRM (Billing contact)", "named by hand". */
  from: string;
  /** The first that counts decides; what the others know is merged into it. */
  part: 'decides' | 'merged' | 'does not count';
  /** In words: what it says, and why it does not count. */
  says: string;
}

/** Why one person is in or out, in short. */
export type ShortTrail = Pick<PersonTrail, 'email' | 'name' | 'outcome' | 'reason'>;

/** Why one person is in or out. Every entry that was given is in exactly one of these. */
export interface PersonTrail {
  email?: string;
  name?: string;
  /** `replaced`: others were named by hand; `not_of_deal`: only rows of other deals, accounts or workstreams name them. */
  outcome: 'organizer' | 'participant' | 'excluded' | 'replaced' | 'not_of_deal';
  /** In words. */
  reason: string;
  /** Where the time zone comes from, in words. */
  timezoneFrom?: string;
  /** In the order of precedence. */
  entries: ConsideredEntry[];
}

export interface Assembly {
  organizer?: Organizer;
  /** Ordered by rank of role, then by e-mail. */
  participants: Participant[];
  excluded: ExcludedPerson[];
  gaps: Gap[];
  /** Everybody who was considered: the organizer, the participants, the others. */
  why: PersonTrail[];
}
