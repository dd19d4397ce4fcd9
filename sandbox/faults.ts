import { z } from 'zod';
import { draw } from './seed.ts';

/** `next` N times, or with a `probability` each time; with neither, every time until the rule is deleted. */
const reach = { next: z.int().positive().optional(), probability: z.number().min(0).max(1).optional() };
const call = {
  ...reach,
  /** Any method when left out. */
  method: z
    .string()
    .regex(/^[A-Za-z]{3,10}$/)
    .transform((name) => name.toUpperCase())
    .optional(),
  /** A path with `*` for anything: `/api/v1/meeting_requests`, `/meeting_requests/*` (below the API), `/hubspot/*`. Any when left out. */
  path: z.string().startsWith('/').max(500).optional(),
};
const hook = {
  ...reach,
  /** Any event when left out; `*` stands for anything. */
  event: z.string().max(128).optional(),
  endpointId: z.string().max(128).optional(),
};
const when = z.enum(['before', 'after']).default('before');
const realMs = z.int().min(0).max(600_000);
/** In virtual ms, how long a webhook is held back for others at most. */
const REORDER_LIMIT_MS = 600_000;

/** A fault to be injected. `when: "after"` means that the call has its effect and only the answer is lost or wrong. */
export const faultRuleSchema = z.discriminatedUnion('fault', [
  z.strictObject({
    fault: z.literal('status'),
    ...call,
    when,
    status: z.int().min(400).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    /** Takes the place of the ordinary error body. */
    body: z.unknown().optional(),
  }),
  /** Real milliseconds: HTTP is real. Before the call has its effect, or between the effect and the answer. */
  z.strictObject({ fault: z.literal('delay'), ...call, when, delayMs: realMs }),
  z.strictObject({ fault: z.literal('drop'), ...call, when }),
  z.strictObject({ fault: z.literal('malformed_json'), ...call }),
  /** Half of the body comes, and the line goes dead. */
  z.strictObject({ fault: z.literal('truncated_body'), ...call }),
  /** Half of the body comes, and then nothing; after so many real milliseconds the rest, or never when left out. */
  z.strictObject({ fault: z.literal('stalled_body'), ...call, resumeAfterMs: realMs.optional() }),
  /** The `created` webhook arrives before the 202 does. */
  z.strictObject({ fault: z.literal('deliver_before_answer'), ...reach }),
  z.strictObject({ fault: z.literal('webhook_drop'), ...hook }),
  z.strictObject({ fault: z.literal('webhook_duplicate'), ...hook }),
  /** Virtual milliseconds. */
  z.strictObject({ fault: z.literal('webhook_delay'), ...hook, delayMs: z.int().min(0) }),
  /** Held back until `behind` others have gone to its endpoint (or of its request), or until `limitMs` virtual ms are over. */
  z.strictObject({
    fault: z.literal('webhook_reorder'),
    ...hook,
    behind: z.int().min(1).max(100).default(1),
    of: z.enum(['endpoint', 'request']).default('endpoint'),
    limitMs: z.int().min(0).default(REORDER_LIMIT_MS),
  }),
  /** The same JSON with the keys of every object in another order, rightly signed. */
  z.strictObject({ fault: z.literal('webhook_other_key_order'), ...hook }),
  z.strictObject({ fault: z.literal('webhook_wrong_signature'), ...hook }),
  z.strictObject({
    fault: z.literal('webhook_stale_timestamp'),
    ...hook,
    staleSeconds: z.int().positive().default(86_400),
  }),
]);
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultName = FaultRule['fault'];
export const FAULT_NAMES: readonly FaultName[] = faultRuleSchema.options.map(({ shape }) => shape.fault.value);
type RuleOf<Name extends FaultName> = Extract<FaultRule, { fault: Name }>;

export const activeFaultSchema = z.object({ id: z.string(), rule: faultRuleSchema, hits: z.int(), looks: z.int() });
export type ActiveFault = z.infer<typeof activeFaultSchema>;

const API_PREFIX = '/api/v1';

function glob(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(text);
}

function callMatches(rule: { method?: string | undefined; path?: string | undefined }, method: string, path: string) {
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path === undefined) return true;
  if (glob(rule.path, path)) return true;
  return path.startsWith(`${API_PREFIX}/`) && glob(rule.path, path.slice(API_PREFIX.length));
}

export const CALL_FAULTS = ['status', 'delay', 'drop', 'malformed_json', 'truncated_body', 'stalled_body'] as const;
export type CallFault = RuleOf<(typeof CALL_FAULTS)[number]>;
/** Decided anew for each attempt of a delivery. */
export const ATTEMPT_FAULTS = [
  'webhook_other_key_order',
  'webhook_wrong_signature',
  'webhook_stale_timestamp',
] as const;
/** Decided once for a delivery. */
export const DELIVERY_FAULTS = ['webhook_drop', 'webhook_duplicate', 'webhook_delay', 'webhook_reorder'] as const;
type HookFault = Extract<FaultName, `webhook_${string}`>;

/** The rules in force, and which of them strike now. The seed decides about probabilities. */
export class Faults {
  #active: ActiveFault[];
  readonly #seed: () => string;

  constructor(active: ActiveFault[], seed: () => string) {
    this.#active = active;
    this.#seed = seed;
  }

  list(): readonly ActiveFault[] {
    return this.#active;
  }

  restore(active: ActiveFault[]): void {
    this.#active = active;
  }

  add(id: string, rule: FaultRule): ActiveFault {
    const added: ActiveFault = { id, rule, hits: 0, looks: 0 };
    this.#active.push(added);
    return added;
  }

  /** Removes one rule, or all; returns how many. */
  remove(id?: string): number {
    const before = this.#active.length;
    this.#active = id === undefined ? [] : this.#active.filter((fault) => fault.id !== id);
    return before - this.#active.length;
  }

  /** The faults of a call; each that strikes counts against its rule. */
  forCall(method: string, path: string): CallFault[] {
    return this.#strike((rule): rule is CallFault => isCallFault(rule) && callMatches(rule, method, path));
  }

  /** The faults among `names` of a webhook. */
  forWebhook<Name extends HookFault>(names: readonly Name[], event: string, endpointId: string): RuleOf<Name>[] {
    return this.#strike((rule): rule is RuleOf<Name> => {
      if (!names.some((name) => name === rule.fault) || !isHookFault(rule)) return false;
      if (rule.endpointId !== undefined && rule.endpointId !== endpointId) return false;
      return rule.event === undefined || glob(rule.event, event);
    });
  }

  deliverBeforeAnswer(): boolean {
    return this.#strike((rule) => rule.fault === 'deliver_before_answer').length > 0;
  }

  #strike<R extends FaultRule>(matches: (rule: FaultRule) => rule is R): R[];
  #strike(matches: (rule: FaultRule) => boolean): FaultRule[];
  #strike(matches: (rule: FaultRule) => boolean): FaultRule[] {
    const struck: FaultRule[] = [];
    const taken = new Set<string>();
    for (const fault of this.#active) {
      const { rule } = fault;
      if (!matches(rule) || (rule.next !== undefined && fault.hits >= rule.next)) continue;
      // One answer has one status and one broken body: the rule that comes first has it, the other waits for the next call.
      const place = placeOf(rule);
      if (place !== undefined && taken.has(place)) continue;
      fault.looks += 1;
      if (rule.probability !== undefined && draw(this.#seed(), 'fault', fault.id, fault.looks) >= rule.probability)
        continue;
      fault.hits += 1;
      if (place !== undefined) taken.add(place);
      struck.push(rule);
    }
    return struck;
  }
}

/** What only one rule at a time can strike; nothing for what adds up, as delays do. */
function placeOf(rule: FaultRule): string | undefined {
  switch (rule.fault) {
    case 'delay':
      return undefined;
    case 'truncated_body':
    case 'stalled_body':
      return 'broken body';
    default:
      return rule.fault;
  }
}

export function isCallFault(rule: FaultRule): rule is CallFault {
  return CALL_FAULTS.some((name) => name === rule.fault);
}

function isHookFault(rule: FaultRule): rule is RuleOf<HookFault> {
  return rule.fault.startsWith('webhook_');
}
