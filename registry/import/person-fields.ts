import { z } from 'zod';
import { isEmail, normaliseEmail } from '../email.ts';
import { attendanceSchema, MILESTONES, type Stakeholder, sideSchema } from '../model.ts';
import { ROLE_PATTERN, uniteRoles } from '../roles.ts';
import { isTimeZone } from '../time-zone.ts';

/** Everything a file may say about a person, by the name it has in both formats. */
export const PERSON_FIELDS = [
  'account_id',
  'deal_id',
  'email',
  'name',
  'side',
  'roles',
  'timezone',
  'active_from',
  'active_to',
  'opted_out',
  'opted_out_reason',
  'verified_at',
  'source',
] as const;

/** A cell of a CSV file is always text and empty when there is nothing in it; YAML leaves the key out, or null. */
const absent = (value: unknown) =>
  value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;
/** YAML reads 9087654321 as a number; an id is text. */
const id = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string('must be given').trim().min(1).max(128),
);
const text = (limit: number) => z.string().trim().max(limit);
const day = z.iso.date('must be a date like 2026-02-28');
const YES = ['true', 'yes', 'y', '1'];
const NO = ['false', 'no', 'n', '0'];
const yesOrNo = z.preprocess((value) => {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (typeof word !== 'string') return word;
  return YES.includes(word) ? true : NO.includes(word) ? false : value;
}, z.boolean('must be true or false'));
const roles = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[;|,\s]+/).filter((role) => role !== '') : value),
  z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(ROLE_PATTERN, 'roles are written with letters and _, like executive_sponsor'),
    )
    .transform((list) => uniteRoles(list)),
);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(absent, schema.optional());

export const personSchema = z
  .strictObject({
    account_id: z.preprocess(absent, id),
    deal_id: optional(id),
    email: z
      .string('must be given')
      .transform((value) => normaliseEmail(value) ?? '')
      .refine(isEmail, 'must be an e-mail address'),
    name: optional(text(200)),
    side: z.preprocess(absent, sideSchema.default('customer')),
    roles: z.preprocess(absent, roles.default([])),
    attendance: z.partialRecord(z.enum(MILESTONES), attendanceSchema).default({}),
    timezone: optional(text(64).refine(isTimeZone, 'must be an IANA time zone like America/New_York')),
    account_timezone: optional(text(64).refine(isTimeZone, 'must be an IANA time zone like America/New_York')),
    active_from: optional(day),
    active_to: optional(day),
    opted_out: z.preprocess(absent, yesOrNo.default(false)),
    opted_out_reason: optional(text(500)),
    verified_at: optional(
      z.union(
        [z.iso.datetime({ offset: true }), z.iso.date()],
        'must be a date or an instant like 2026-02-28T09:00:00Z',
      ),
    ),
    source: z.preprocess(absent, z.enum(['manual', 'import'], 'must be manual or import').default('import')),
  })
  .refine((person) => (person.active_from ?? '') <= (person.active_to ?? '9999'), {
    path: ['active_to'],
    message: 'must not be before active_from',
  });

/** What a checked entry means. */
export function toStakeholder(person: z.infer<typeof personSchema>): Stakeholder {
  const timezone = person.timezone ?? person.account_timezone;
  return {
    accountId: person.account_id,
    ...(person.deal_id === undefined ? {} : { dealId: person.deal_id }),
    email: person.email,
    ...(person.name === undefined ? {} : { name: person.name }),
    side: person.side,
    roles: person.roles,
    attendance: person.attendance,
    ...(timezone === undefined ? {} : { timezone }),
    ...(timezone === undefined ? {} : { timezoneSource: person.timezone === undefined ? 'account' : 'person' }),
    ...(person.active_from === undefined ? {} : { activeFrom: person.active_from }),
    ...(person.active_to === undefined ? {} : { activeTo: person.active_to }),
    optedOut: person.opted_out,
    ...(person.opted_out_reason === undefined ? {} : { optedOutReason: person.opted_out_reason }),
    source: person.source,
    ...(person.verified_at === undefined ? {} : { verifiedAt: new Date(person.verified_at).toISOString() }),
  };
}
