import { ApplicationFailure } from '@temporalio/activity';
import { expect } from 'vitest';
import type { StepContext } from '../../../../activities/steps/kind.ts';
import { fillTemplate } from '../../../../activities/steps/template.ts';
import type { TemplatedJson } from '../../../../config/policy.ts';

export const MARKER = 'kickoff:hubspot:1148/r1/on_booked/provision';

export const FACTS: StepContext['facts'] = {
  vendor: 'Globex',
  deal: {
    id: '1148',
    crm: 'hubspot',
    name: 'Acme Corp – 12 months',
    account: { id: '501', name: 'Acme Corp' },
    isWon: true,
    closedAt: '2026-01-05T10:00:00Z',
  },
  organizer: {
    email: 'jordan@vendor.example',
    name: 'Jordan Lee',
    timezone: 'America/New_York',
    from: 'the deal’s owner',
  },
  participants: [],
  meeting: { requestId: 'mr_1', followUps: 0, bookedAt: '2026-02-10T14:00:00Z' },
  needs: [],
};

/** What a step is given: the facts, and after `result` its own outcome, as texts may name them. */
export function contextOf(
  given: Partial<Omit<StepContext, 'text' | 'json'>> & { more?: object; result?: object } = {},
): StepContext {
  const { more = {}, result, ...rest } = given;
  const facts = given.facts ?? FACTS;
  const text: StepContext['text'] = (template, write) => fillTemplate(template, { ...facts, ...more, result }, write);
  const json = (value: TemplatedJson): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, json(item)]));
  };
  return {
    marker: MARKER,
    attempt: 1,
    begunAt: new Date('2026-02-11T02:30:00Z'),
    signal: new AbortController().signal,
    ...rest,
    facts,
    text,
    json,
  };
}

/** How a step failed: never, or again later. */
export async function failureOf(
  outcome: Promise<unknown>,
): Promise<{ final: boolean; message: string; delay: unknown; all: string }> {
  const failure = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  if (!(failure instanceof ApplicationFailure)) throw failure;
  return {
    final: failure.nonRetryable === true,
    message: failure.message,
    delay: failure.nextRetryDelay ?? undefined,
    all: `${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`,
  };
}
