/** What a person may type to start a kickoff, and what a wrong input is told: every problem by its field, and a right one. */
import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import { crmContactSchema, crmNameSchema, dealSchema } from '../crm/port.ts';

/** JSON numbers keep so many digits; ids of CRMs are longer at times. */
const id = z
  .preprocess(
    (value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : value),
    z.string({
      error: ({ input }) => (typeof input === 'number' ? 'put it in quotes: a number loses digits' : undefined),
    }),
  )
  .pipe(z.string().trim().min(1).max(128));

/** A misspelt field of a deal would be dropped without a word, and with it whoever should have been invited. */
const wholeDealSchema = dealSchema
  .extend({
    id,
    account: z.strictObject({ id, name: z.string().trim().min(1) }),
    owner: z
      .strictObject({ email: z.string().min(3), name: z.string().optional(), timezone: z.string().optional() })
      .optional(),
    contacts: z.array(crmContactSchema.strict()).optional(),
  })
  .strict();

const dispatchSchema = z.strictObject({
  dealId: id.optional(),
  crm: crmNameSchema.optional(),
  workstream: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,40}$/, 'must be lower-case letters, digits, - and _, at most 41')
    .refine(
      (name) => !/^(?:main|r\d+)$/.test(name),
      'must not be main, which is the kickoff without a name, nor r2, r3, …',
    )
    .optional(),
  deal: wholeDealSchema.optional(),
  dryRun: z.boolean().optional(),
  requestedBy: z.string().max(200).optional(),
});

/** A right input of each form. */
export const DISPATCH_EXAMPLES = [
  '{"dealId": "5012345678"}',
  '{"deal": {"id": "5012345678", "crm": "generic", "name": "Acme Corp, Enterprise", "isWon": true, ' +
    '"account": {"id": "9087654321", "name": "Acme Corp"}, "owner": {"email": "csm@yourcompany.example"}, ' +
    '"contacts": [{"email": "lead@acme.example", "labels": ["Champion"], "timezone": "America/New_York"}]}}',
] as const;

export type CheckedDispatch = z.infer<typeof dispatchSchema>;

/**
 * Checks what was typed.
 *
 * @param input anything: it comes from the Temporal UI as it was typed, and may be missing
 * @throws ApplicationFailure, not to be retried, with every problem by its field and an example of each right form
 */
export function checkedDispatch(input: unknown): CheckedDispatch {
  const result = dispatchSchema.safeParse(input, { error: inWords });
  const problems = result.success ? [] : result.error.issues.map(asLine);
  // What was given in place of the fields is one problem, not "and both are missing" besides.
  if (isObject(input)) problems.push(...problemsBetween(input));
  if (result.success && problems.length === 0) return result.data;
  throw wrongInput(problems);
}

/** A failure that lists problems of the input, one a line, and shows right ones. */
export function wrongInput(problems: readonly string[]): ApplicationFailure {
  const [byId, whole] = DISPATCH_EXAMPLES;
  return ApplicationFailure.nonRetryable(
    [
      'The input is not right:',
      ...problems.map((problem) => `- ${problem}`),
      `A right one, for a deal of the CRM: ${byId}`,
      `A right one, for a whole deal: ${whole}`,
    ].join('\n'),
    'DispatchInput',
  );
}

/** What one field cannot tell. */
function problemsBetween(input: Record<string, unknown>): string[] {
  const { dealId, deal, crm } = input;
  if (dealId === undefined && deal === undefined) return ['dealId: is missing; give it, or a whole deal'];
  if (dealId !== undefined && deal !== undefined) return ['dealId: give either dealId or deal, not both'];
  if (crm !== undefined && isObject(deal) && deal.crm !== crm) return ['crm: leave it out; the deal names its own'];
  return [];
}

function asLine(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${path.replace(/^\./, '') || 'input'}: ${issue.message}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const KINDS: Record<string, string> = {
  string: 'a text in quotes',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object in { }',
  array: 'a list in [ ]',
};

/** zod's complaints, for people who have never heard of it. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type': {
      const { input, expected } = issue;
      if (input === undefined) return `is missing; give ${KINDS[expected] ?? expected}`;
      return `must be ${KINDS[expected] ?? expected}, not ${nameOf(input)}`;
    }
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      const about = `${issue.keys.map((key) => JSON.stringify(key)).join(', ')} unknown here`;
      return known.length === 0 ? about : `${about}; known are ${known.join(', ')}`;
    }
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : undefined;
    case 'too_big':
      return issue.origin === 'string' ? `must have ${issue.maximum} characters at most` : undefined;
    default:
      return undefined;
  }
};

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}
