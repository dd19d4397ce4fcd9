import { z } from 'zod';
import type { KickoffEventRow } from '../../database/index.ts';
import { type Content, html } from '../page/html.ts';
import { instant } from '../page/instant.ts';

const verificationSchema = z.object({
  by: z.string(),
  signedAt: z.string().optional().catch(undefined),
  secret: z.number().optional().catch(undefined),
});

/** The schemes by which senders are known; one of another version is shown as it is. */
const SCHEMES = new Map([
  ['skipup-t,v1', 'SkipUp’s signature (t, v1)'],
  ['hubspot-v3', 'HubSpot’s signature, version 3'],
  ['salesforce-token', 'the token in Salesforce’s address'],
  ['pipedrive-basic', 'Pipedrive’s user and password'],
  ['deal-signature', 'the deal trigger’s signature'],
  ['deal-bearer', 'the deal trigger’s token'],
  ['form-signature', 'the form trigger’s signature'],
  ['form-bearer', 'the form trigger’s token'],
]);

/** How the sender of an event was known when it came, in words. */
export function verificationWords(
  event: Pick<KickoffEventRow, 'verification' | 'payload' | 'event_type'>,
  zone: string,
): Content {
  const known = verificationSchema.safeParse(event.verification);
  const by = known.data?.by ?? finderOf(event);
  if (by === 'sweep') return 'Noticed by the sweep, no signature';
  if (by === 'catch-up') return 'Found by catching up with the CRM, no signature';
  if (known.data === undefined) return 'Its verification was not recorded';
  const { signedAt, secret } = known.data;
  return html`Verified by ${SCHEMES.get(known.data.by) ?? known.data.by}${secret !== undefined && ` with secret ${secret}`}${signedAt !== undefined && html`, signed ${instant(signedAt, zone)}`}`;
}

/** Rows of an earlier version say in other ways that no webhook brought them. */
function finderOf({ payload, event_type: type }: Pick<KickoffEventRow, 'payload' | 'event_type'>): string | undefined {
  if (type === 'catch_up') return 'catch-up';
  return payload !== null && 'noticed_by' in payload && payload.noticed_by === 'sweep' ? 'sweep' : undefined;
}
