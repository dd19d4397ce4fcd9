import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import type { Crm, CrmName } from '../../crm/index.ts';
import { crmNameSchema } from '../../crm/port.ts';
import type { BackfillInput, BackfillPlan } from '../../workflows/messages.ts';

const EXAMPLES = {
  deals: '{"crm": "hubspot", "closedAfter": "2026-01-01", "closedBefore": "2026-07-01", "dryRun": true}',
  leads: '{"of": "leads", "crm": "hubspot", "submittedAfter": "2026-01-01", "dryRun": true}',
};
/** What the window is said with. */
const WINDOW = {
  deals: { after: 'closedAfter', before: 'closedBefore', withinDays: 'closedWithinDays' },
  leads: { after: 'submittedAfter', before: 'submittedBefore', withinDays: 'submittedWithinDays' },
} as const;
const DAY_MS = 86_400_000;

const instant = z
  .string({ error: 'must be a text' })
  .trim()
  .transform((text, context) => {
    const read = instantOf(text);
    if (read !== undefined) return read;
    context.addIssue({
      code: 'custom',
      message: 'must be a date or an instant: "2026-01-01" or "2026-01-01T08:00:00Z"',
    });
    return z.NEVER;
  });

const wholeNumber = (least: number, most: number, example: number) => {
  const message = `must be a whole number from ${least} to ${most.toLocaleString('en-US')}, for example ${example}`;
  return z.number({ error: message }).int(message).min(least, message).max(most, message).optional();
};

const backfillSchema = z.strictObject(
  {
    of: z.enum(['deals', 'leads'], { error: 'must be deals or leads' }).optional(),
    crm: z.enum(crmNameSchema.options, { error: `must be one of ${crmNameSchema.options.join(', ')}` }),
    closedAfter: instant.optional(),
    closedBefore: instant.optional(),
    closedWithinDays: wholeNumber(1, 3650, 7),
    submittedAfter: instant.optional(),
    submittedBefore: instant.optional(),
    submittedWithinDays: wholeNumber(1, 3650, 7),
    pipelines: z
      .array(z.string({ error: 'must be a text' }).trim().min(1, 'must not be empty'), {
        error: 'must be a list of the CRM’s ids: ["default"]',
      })
      .min(1, 'must name at least one, or be left out')
      .max(100, 'must not be more than 100')
      .optional(),
    limit: wholeNumber(1, 1_000_000, 100),
    dryRun: z.boolean({ error: 'must be true or false' }).optional(),
    perMinute: wholeNumber(1, 100_000, 60),
    requestedBy: z.string({ error: 'must be a text' }).max(200, 'must not be longer than 200 characters').optional(),
  },
  {
    error: ({ code, ...issue }) =>
      code === 'unrecognized_keys' && 'keys' in issue && Array.isArray(issue.keys)
        ? `${issue.keys.join(', ')}: not known here`
        : undefined,
  },
);

/**
 * Checks what was asked for, and fills in what was left out.
 *
 * @param now the workflow's clock, ISO 8601
 * @throws ApplicationFailure that names every fault by field and shows a right input
 */
export function planOf(
  { now, ...asked }: BackfillInput & { now: string },
  crms: Partial<Record<CrmName, Crm>>,
  defaults: { perMinute: number; recoversLeads?: boolean },
): BackfillPlan {
  const of = asked.of === 'leads' ? 'leads' : 'deals';
  const read = backfillSchema.safeParse(asked);
  const problems = read.success
    ? []
    : read.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  // What zod has not reached is checked all the same: a person is told everything at once.
  problems.push(...windowProblems(asked, of, now), ...crmProblems(asked.crm, of, crms));
  if (of === 'leads') problems.push(...leadProblems(asked, defaults));
  if (!read.success || problems.length > 0) {
    throw ApplicationFailure.nonRetryable(
      `The input is not right. ${problems.join('; ')}. A right one: ${EXAMPLES[of]}`,
      'BackfillInput',
    );
  }
  const { crm, pipelines, limit, dryRun, perMinute } = read.data;
  const names = WINDOW[of];
  const after = read.data[names.after];
  const before = read.data[names.before] ?? now;
  const ofCrm = crms[crm]?.pipelines;
  const chosen = pipelines ?? (ofCrm === undefined ? undefined : [...ofCrm]);
  return {
    ...(of === 'leads' && { of }),
    crm,
    after: after ?? new Date(Date.parse(before) - (read.data[names.withinDays] ?? 0) * DAY_MS).toISOString(),
    before,
    ...(chosen !== undefined && of === 'deals' && { pipelines: chosen }),
    ...(limit !== undefined && { limit }),
    dryRun: dryRun ?? false,
    perMinute: perMinute ?? defaults.perMinute,
  };
}

type Of = keyof typeof WINDOW;

function windowProblems(asked: BackfillInput, of: Of, now: string): string[] {
  const names = WINDOW[of];
  const others = Object.values(WINDOW[of === 'deals' ? 'leads' : 'deals']).filter((name) => asked[name] !== undefined);
  if (others.length > 0) return others.map((name) => `${name}: is for ${of === 'deals' ? 'leads' : 'deals'}`);
  const [given, givenBefore] = [asked[names.after], asked[names.before]];
  const withinDays = asked[names.withinDays];
  if (given === undefined && withinDays === undefined) {
    return [`${names.after}: give the day from which on, or ${names.withinDays}`];
  }
  if (given !== undefined && withinDays !== undefined) {
    return [`${names.withinDays}: give it or ${names.after}, not both`];
  }
  const after = instantOf(given);
  const before = givenBefore === undefined ? now : instantOf(givenBefore);
  if (after === undefined || before === undefined || after < before) return [];
  return givenBefore === undefined
    ? [`${names.after}: must be in the past; it is ${now} now`]
    : [`${names.before}: must be after ${names.after}`];
}

function leadProblems({ pipelines }: BackfillInput, { recoversLeads }: { recoversLeads?: boolean }): string[] {
  return [
    ...(pipelines === undefined ? [] : ['pipelines: leads are in none']),
    ...(recoversLeads === true ? [] : ['of: leads are not recovered here; configure recovery in kickoff.config.yaml']),
  ];
}

function crmProblems(name: CrmName, of: Of, crms: Partial<Record<CrmName, Crm>>): string[] {
  if (!crmNameSchema.safeParse(name).success) return [];
  const canList = (crm: Crm) => (of === 'deals' ? crm.listWonDeals : crm.leads?.listFormLeads) !== undefined;
  const able = Object.values(crms).flatMap((crm) => (canList(crm) ? [crm.name] : []));
  const known = able.length === 0 ? 'None that can be listed is.' : `Can be listed: ${able.join(', ')}.`;
  const crm = crms[name];
  if (crm === undefined) return [`crm: ${name} is not configured here. ${known}`];
  return canList(crm) ? [] : [`crm: ${name} has no list of ${of} to read. ${known}`];
}

/** A date alone means its first instant in UTC. An instant without a zone is nobody's. */
function instantOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim();
  const isKnownForm = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(trimmed);
  const ms = isKnownForm ? Date.parse(trimmed) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  // `Date.parse` takes the 30th of February for the 2nd of March.
  const day = trimmed.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? new Date(ms).toISOString() : undefined;
}
