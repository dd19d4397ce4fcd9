import { z } from 'zod';
import { isCountry } from '../country.ts';
import { isEmail, normaliseEmail } from '../email.ts';
import { type Account, attendanceSchema, MILESTONES, type Stakeholder, sideSchema } from '../model.ts';
import { remembered } from '../remembered.ts';
import { ROLE_PATTERN, uniteRoles } from '../roles.ts';
import { isTimeZone } from '../time-zone.ts';
import { WORKSTREAM_PATTERN } from '../workstream.ts';

/** Everything a file may say about a person, by the name it has in both formats. */
export const PERSON_FIELDS = [
  'account_id',
  'deal_id',
  'email',
  'name',
  'side',
  'roles',
  'workstreams',
  'timezone',
  'timezone_source',
  'active_from',
  'active_to',
  'opted_out',
  'opted_out_reason',
  'verified_at',
  'source',
] as const;

/** What a CSV file says about an account, on any of its rows. In YAML they are `name`, `country` and `timezone` of the account. */
export const ACCOUNT_COLUMNS = ['account_name', 'account_country', 'account_timezone'] as const;

/** A cell of a CSV file is always text and empty when there is nothing in it; YAML leaves the key out, or null. */
const absent = (value: unknown) =>
  value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;
/** YAML reads 9087654321 as a number; an id is text. */
const id = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string('must be given').trim().min(1).max(128),
);
const text = (limit: number) =>
  z
    .string()
    .trim()
    .max(limit, { error: `must not be longer than ${limit} characters`, abort: true });
/** Names go into titles, headers of e-mails and tables. */
const line = (limit: number) => text(limit).regex(/^\P{Cc}*$/u, 'must be one line, without control characters');
const zone = text(64).refine(isTimeZone, 'must be an IANA time zone like America/New_York');
const day = z.iso.date('must be a date like 2026-02-28');
const YES = ['true', 'yes', 'y', '1'];
const NO = ['false', 'no', 'n', '0'];
const yesOrNo = z.preprocess((value) => {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (typeof word !== 'string') return word;
  return YES.includes(word) ? true : NO.includes(word) ? false : value;
}, z.boolean('must be true or false'));
const MAX_ROLES = 50;
const listed = (value: unknown) =>
  typeof value === 'string' ? value.split(/[;|,\s]+/, MAX_ROLES + 2).filter((one) => one !== '') : value;
const roles = z.preprocess(
  listed,
  z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .max(100, 'a role has at most 100 characters')
        .regex(ROLE_PATTERN, 'roles are written with letters and _, like executive_sponsor'),
    )
    .max(MAX_ROLES, `must not be more than ${MAX_ROLES}`)
    .transform((list) => uniteRoles(list)),
);
const workstreams = z.preprocess(
  listed,
  z
    .array(
      z
        .string()
        .trim()
        .regex(
          WORKSTREAM_PATTERN,
          'a workstream is written with lower-case letters, digits, - and _, like data-migration',
        ),
    )
    .max(MAX_ROLES, `must not be more than ${MAX_ROLES}`)
    .transform((list) => [...new Set(list)].sort()),
);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(absent, schema.optional());

/** Whether the first day is not after the last. What was no day is a fault already, and no text. */
function isInOrder({ active_from: first, active_to: last }: { active_from?: unknown; active_to?: unknown }): boolean {
  return typeof first !== 'string' || typeof last !== 'string' || first <= last;
}

export const personSchema = z
  .strictObject({
    account_id: z.preprocess(absent, id),
    deal_id: optional(id),
    email: z
      .string('must be given')
      .transform((value) => normaliseEmail(value) ?? '')
      .refine(isEmail, 'must be an e-mail address'),
    name: optional(line(200)),
    side: remembered(z.preprocess(absent, sideSchema.default('customer'))),
    roles: remembered(z.preprocess(absent, roles.default([]))),
    workstreams: remembered(optional(workstreams)),
    attendance: z.partialRecord(z.enum(MILESTONES), attendanceSchema).default({}),
    timezone: remembered(optional(zone)),
    timezone_source: remembered(optional(z.enum(['person', 'crm', 'account'], 'must be person, crm or account'))),
    active_from: remembered(optional(day)),
    active_to: remembered(optional(day)),
    opted_out: remembered(z.preprocess(absent, yesOrNo.default(false))),
    opted_out_reason: remembered(optional(text(500))),
    verified_at: remembered(
      optional(
        z.union(
          [z.iso.datetime({ offset: true }), z.iso.date()],
          'must be a date or an instant like 2026-02-28T09:00:00Z',
        ),
      ),
    ),
    source: remembered(
      z.preprocess(absent, z.enum(['manual', 'import', 'crm'], 'must be manual, import or crm').default('import')),
    ),
  })
  .refine(isInOrder, {
    path: ['active_to'],
    message: 'must not be before active_from',
  });

export const accountFieldsSchema = z.strictObject({
  account_id: z.preprocess(absent, id),
  account_name: optional(line(200)),
  account_country: optional(
    text(6).toUpperCase().refine(isCountry, 'must be a country of ISO 3166, like DE, or a part of one, like US-CA'),
  ),
  account_timezone: remembered(optional(zone)),
});

/** What a checked entry means. */
export function toStakeholder(person: z.infer<typeof personSchema>): Stakeholder {
  const { account_id, side, roles, attendance, opted_out, source, workstreams, timezone } = person;
  // Field by field, not spread: this is done for every line of a file.
  const row: Stakeholder = {
    accountId: account_id,
    email: person.email,
    side,
    roles,
    attendance,
    optedOut: opted_out,
    source,
  };
  if (person.deal_id !== undefined) row.dealId = person.deal_id;
  if (person.name !== undefined) row.name = person.name;
  if (workstreams !== undefined && workstreams.length > 0) row.workstreams = workstreams;
  if (timezone !== undefined) {
    row.timezone = timezone;
    row.timezoneSource = person.timezone_source ?? 'person';
  }
  if (person.active_from !== undefined) row.activeFrom = person.active_from;
  if (person.active_to !== undefined) row.activeTo = person.active_to;
  if (person.opted_out_reason !== undefined) row.optedOutReason = person.opted_out_reason;
  if (person.verified_at !== undefined) row.verifiedAt = new Date(person.verified_at).toISOString();
  return row;
}

/** What a checked entry says of its account. */
export function toAccount(entry: z.infer<typeof accountFieldsSchema>): Account {
  return {
    id: entry.account_id,
    ...(entry.account_name === undefined ? {} : { name: entry.account_name }),
    ...(entry.account_country === undefined ? {} : { country: entry.account_country }),
    ...(entry.account_timezone === undefined ? {} : { timezone: entry.account_timezone }),
  };
}
