import { z } from 'zod';
import type { SweepRow } from '../../database/index.ts';
import type { SweptDeliveries } from '../../workflows/messages.ts';

const WORDS: Record<SweptDeliveries['endpoint'], string> = {
  not_configured: 'No public address is configured, so SkipUp’s endpoint is not looked after.',
  missing: 'SkipUp has no endpoint for this address.',
  on: 'SkipUp’s endpoint is on.',
  off_by_person: 'Somebody has switched SkipUp’s endpoint off.',
  off: 'SkipUp has switched its endpoint off.',
  brought_back: 'SkipUp had switched its endpoint off; it is on again.',
};
const WELL: ReadonlySet<string> = new Set(['not_configured', 'on', 'brought_back']);
const ENSURE = '`kickoff webhooks ensure` makes it right.';

const findingsSchema = z.object({ endpoint: z.string(), advice: z.string().optional().catch(undefined) });

/** How the last sweep found the product's own endpoint at SkipUp; undefined where it did not look. */
export function endpointOf(sweeps: readonly SweepRow[]): { says: string; advice?: string } | undefined {
  for (const { findings } of sweeps) {
    const read = findingsSchema.safeParse(findings);
    if (!read.success || !isKnown(read.data.endpoint)) continue;
    const { endpoint, advice } = read.data;
    const says = WORDS[endpoint];
    return WELL.has(endpoint) ? { says } : { says, advice: (advice ?? ENSURE).replaceAll('`', '') };
  }
  return undefined;
}

function isKnown(state: string): state is SweptDeliveries['endpoint'] {
  return Object.hasOwn(WORDS, state);
}
