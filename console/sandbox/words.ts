import type { SandboxEntry } from './read.ts';

/** Events that can be made to happen to a meeting request, as SkipUp or somebody there would cause them. */
export const REQUEST_EVENTS = {
  booked: 'Book it',
  follow_up_sent: 'Ask again',
  paused: 'Pause',
  resumed: 'Resume',
  cancelled: 'Cancel',
} as const;

export type RequestEvent = keyof typeof REQUEST_EVENTS;

export function isRequestEvent(text: string): text is RequestEvent {
  return Object.hasOwn(REQUEST_EVENTS, text);
}

/** How far the clock can be moved at once. */
export const ADVANCES = { '1h': 'One hour', '1d': 'One day', '3d': 'Three days' } as const;

/** Faults that a button puts in force; the command line has them with every option. */
export const FAULTS = {
  'status-503': { label: 'Calls are answered 503', rule: { fault: 'status', status: 503 } },
  'status-400': { label: 'Calls are refused 400', rule: { fault: 'status', status: 400 } },
  'status-429': {
    label: 'Calls are answered 429, with Retry-After',
    rule: { fault: 'status', status: 429, headers: { 'retry-after': '2' } },
  },
  'delay-2s': { label: 'Calls take two seconds', rule: { fault: 'delay', delayMs: 2_000 } },
  'lost-answer': {
    label: 'Calls have their effect, and the answer is lost',
    rule: { fault: 'drop', when: 'after' },
  },
  malformed: { label: 'Answers are no JSON', rule: { fault: 'malformed_json' } },
  early: { label: 'The webhook comes before the answer', rule: { fault: 'deliver_before_answer' } },
  'webhook-drop': { label: 'Webhooks are lost', rule: { fault: 'webhook_drop' } },
  'webhook-duplicate': { label: 'Webhooks come twice', rule: { fault: 'webhook_duplicate' } },
  'webhook-delay': { label: 'Webhooks come ten minutes late', rule: { fault: 'webhook_delay', delayMs: 600_000 } },
  'webhook-reorder': { label: 'Webhooks overtake each other', rule: { fault: 'webhook_reorder' } },
  'webhook-signature': { label: 'Webhooks are wrongly signed', rule: { fault: 'webhook_wrong_signature' } },
  'webhook-stale': { label: 'Webhooks are signed a day ago', rule: { fault: 'webhook_stale_timestamp' } },
} as const;

/** Whose calls a fault strikes; webhooks go to Kickoff alone. */
export const FAULT_TARGETS = {
  all: { label: 'All of the sandbox', path: undefined },
  skipup: { label: 'SkipUp', path: '/api/v1/*' },
  crm: { label: 'The CRM', path: '/hubspot/*' },
  slack: { label: 'Slack', path: '/slack/*' },
} as const;

export function isFaultTarget(text: string): text is keyof typeof FAULT_TARGETS {
  return Object.hasOwn(FAULT_TARGETS, text);
}

/** @param path of a rule in force */
export function faultTarget(path: string | undefined): string {
  if (path === undefined) return '';
  return Object.values(FAULT_TARGETS).find((target) => target.path === path)?.label ?? path;
}

export type FaultChoice = keyof typeof FAULTS;

export function isFaultChoice(text: string): text is FaultChoice {
  return Object.hasOwn(FAULTS, text);
}

/** Who did something, and what; undefined for what is nobody's news. */
export function entryWords(entry: SandboxEntry): { who: string; what: string } | undefined {
  switch (entry.type) {
    case 'conversation':
      return { who: entry.from, what: entry.text };
    case 'meeting_request':
      return { who: 'SkipUp', what: `The request: ${entry.change.replaceAll('_', ' ')}. It is ${entry.status}.` };
    case 'delivery': {
      const answer = entry.responseCode == null ? (entry.error ?? 'no answer') : `answered ${entry.responseCode}`;
      return { who: 'Webhook', what: `${entry.event}: ${entry.outcome}, ${answer}, attempt ${entry.attempt}` };
    }
    case 'endpoint_disabled':
      return { who: 'SkipUp', what: `The endpoint is switched off: ${entry.reason}` };
    case 'crm':
      // A note is HTML there.
      return { who: 'CRM', what: entry.text.replaceAll(/<br\s*\/?>/g, ' · ') };
    case 'crm_webhook':
      return { who: 'CRM’s webhook', what: `${entry.outcome}, ${entry.responseCode ?? entry.error ?? 'no answer'}` };
    case 'slack':
      return { who: 'Slack', what: entry.text };
    case 'other':
      return undefined;
  }
}
