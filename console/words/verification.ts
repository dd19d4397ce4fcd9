import type { InboxRow, Verification } from '../../database/index.ts';

/** What each way of telling the sender is called; one that this version does not know is shown as it is. */
const WAYS = new Map([
  ['skipup-t,v1', 'SkipUp’s signature (t,v1) is right'],
  ['hubspot-v3', 'HubSpot’s signature (v3) is right'],
  ['hubspot-v2', 'HubSpot’s older signature (v2) is right'],
  ['hubspot-v1', 'HubSpot’s oldest signature (v1) is right'],
  ['salesforce-token', 'It came to Salesforce’s secret address'],
  ['pipedrive-basic', 'Pipedrive’s user and password are right'],
  ['deal-signature', 'The deal trigger’s signature is right'],
  ['deal-bearer', 'The deal trigger’s bearer token is right'],
  ['form-signature', 'The form trigger’s signature is right'],
  ['form-bearer', 'The form trigger’s bearer token is right'],
  ['sweep', 'Nobody sent it: the sweep read it at SkipUp, with our own key'],
  ['catch-up', 'Nobody sent it: catching up read it in the CRM, with our own key'],
]);

/** How it was made sure of that a row of the inbox comes from whom it says, in a sentence. */
export function verificationWords({
  verification,
  received_at,
}: Pick<InboxRow, 'verification' | 'received_at'>): string {
  if (verification === null) return 'How it was verified is not written down: an earlier version took it in.';
  const { by, signedAt } = verification;
  const parts = [WAYS.get(by) ?? `Verified by ${by}`, ageWords(signedAt, received_at), secretWords(verification)];
  return `${parts.filter((part) => part !== undefined).join('; ')}.`;
}

/** How long before it came it was signed: minutes may pass between the attempts of one delivery. */
function ageWords(signedAt: string | undefined, receivedAt: Date): string | undefined {
  if (signedAt === undefined) return undefined;
  const seconds = Math.round((new Date(receivedAt).getTime() - Date.parse(signedAt)) / 1000);
  if (Number.isNaN(seconds)) return undefined;
  // Signers write whole seconds or a clock that is a little ahead of ours.
  if (Math.abs(seconds) <= 1) return 'signed when it came';
  const long = Math.abs(seconds) < 120 ? `${Math.abs(seconds)} s` : `${Math.round(Math.abs(seconds) / 60)} min`;
  return seconds > 0 ? `signed ${long} before it came` : `signed for ${long} after it came`;
}

/** Only worth saying where it is not the first: a secret that is being replaced is still in use. */
function secretWords({ secret, by }: Verification): string | undefined {
  if (secret === undefined || secret === 1) return undefined;
  const what = by.endsWith('-bearer') || by.endsWith('-token') ? 'token' : 'secret';
  return `with the configured ${what} number ${secret}`;
}
