import type { CallFault, FaultRule } from './faults.ts';
import { FAULT_NAMES, faultRuleSchema, isCallFault } from './faults.ts';
import { describeIssues } from './http/read.ts';
import { readDuration } from './time/instant.ts';

/** What was written is no fault. The message says what would be one. */
export class NotAFault extends Error {
  override readonly name = 'NotAFault';
}

type Field = Record<string, unknown>;
type Reading = (value: string) => Field | undefined;

const whole =
  (field: string): Reading =>
  (value) =>
    /^\d{1,9}$/.test(value) ? { [field]: Number(value) } : undefined;
const text =
  (field: string): Reading =>
  (value) =>
    value === '' ? undefined : { [field]: value };
/** Milliseconds, or a length of time such as `2s`. */
const length =
  (field: string): Reading =>
  (value) => {
    const ms = readDuration(/^\d+$/.test(value) ? Number(value) : value);
    return ms === undefined ? undefined : { [field]: Math.round(ms) };
  };
const chance: Reading = (value) =>
  /^[01]?(?:\.\d{1,9})?$/.test(value) && value !== '' ? { probability: Number(value) } : undefined;

/** What stands behind a fault's own name: `status=503`, `delay=2s`. */
const MAIN: Readonly<Record<string, Reading>> = {
  status: whole('status'),
  delay: length('delayMs'),
  drop: text('when'),
  stalled_body: length('resumeAfterMs'),
  webhook_delay: length('delayMs'),
  webhook_reorder: whole('behind'),
  webhook_stale_timestamp: whole('staleSeconds'),
};

/** What may follow: `next=2 path=/meeting_requests`. */
const FURTHER: Readonly<Record<string, Reading>> = {
  next: whole('next'),
  p: chance,
  probability: chance,
  method: text('method'),
  path: text('path'),
  when: text('when'),
  event: text('event'),
  endpoint: text('endpointId'),
  of: text('of'),
  limit: length('limitMs'),
  'retry-after': (value) => (value === '' ? undefined : { headers: { 'retry-after': value } }),
};

/**
 * Reads faults as a person writes them: JSON (a rule or a list of rules), or words such as
 * `delay=200ms status=503 next=2 path=/meeting_requests`. Each fault's name begins a new rule, and what follows belongs
 * to it; words are parted by spaces, commas or semicolons.
 *
 * @throws NotAFault
 */
export function readFaults(written: string): FaultRule[] {
  const trimmed = written.trim();
  if (trimmed === '')
    throw new NotAFault(`A fault is needed, such as status=503. There are: ${FAULT_NAMES.join(', ')}.`);
  const given = trimmed.startsWith('{') || trimmed.startsWith('[') ? fromJson(trimmed) : fromWords(trimmed);
  return given.map((rule) => {
    const parsed = faultRuleSchema.safeParse(rule);
    if (parsed.success) return parsed.data;
    throw new NotAFault(`${JSON.stringify(rule)} is not a fault. ${describeIssues(parsed.error)}`);
  });
}

/** Only such rules can strike the one call that names them. */
const OF_ONE_CALL_ONLY = ['next', 'probability', 'method', 'path'] as const;

/**
 * The faults that a call asks for itself, in its `X-Sandbox-Fault` header.
 *
 * @throws NotAFault for what is none, and for what cannot strike a single call
 */
export function readCallFaults(header: string): CallFault[] {
  return readFaults(header).map((rule) => {
    if (!isCallFault(rule))
      throw new NotAFault(`${rule.fault} does not strike a call; put it in force at /_sandbox/faults.`);
    const reach = OF_ONE_CALL_ONLY.find((name) => rule[name] !== undefined);
    if (reach !== undefined) throw new NotAFault(`The header strikes this one call: ${reach} has no meaning here.`);
    return rule;
  });
}

function fromJson(written: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(written);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch (cause) {
    throw new NotAFault('The fault is not valid JSON.', { cause });
  }
}

function fromWords(written: string): Field[] {
  const rules: Field[] = [];
  for (const word of written.split(/[\s,;]+/).filter((part) => part !== '')) {
    const [name = '', ...rest] = word.split('=');
    const value = rest.length === 0 ? undefined : rest.join('=');
    const begun = FAULT_NAMES.find((fault) => fault === name);
    if (begun !== undefined)
      rules.push({ fault: begun, ...(value === undefined ? {} : read(MAIN[begun], name, value)) });
    else Object.assign(lastOf(rules, name), read(FURTHER[name], name, value ?? ''));
  }
  return rules;
}

function lastOf(rules: Field[], name: string): Field {
  const last = rules.at(-1);
  if (last === undefined) throw new NotAFault(`There is no fault ${name}. There are: ${FAULT_NAMES.join(', ')}.`);
  return last;
}

function read(reading: Reading | undefined, name: string, value: string): Field {
  if (reading === undefined)
    throw new NotAFault(`${name} takes no value, or is not known: ${Object.keys(FURTHER).join(', ')}.`);
  const field = reading(value);
  if (field === undefined) throw new NotAFault(`${name}=${value} cannot be read.`);
  return field;
}
