import { expect, it } from 'vitest';
import { verificationWords } from '../../../console/words/verification.ts';

const received_at = new Date('2026-02-10T09:00:00Z');
const words = (verification: Parameters<typeof verificationWords>[0]['verification']) =>
  verificationWords({ verification, received_at });

it.each([
  [
    { by: 'skipup-t,v1', signedAt: '2026-02-10T09:00:00.000Z', secret: 1 },
    'SkipUp’s signature (t,v1) is right; signed when it came.',
  ],
  [
    { by: 'skipup-t,v1', signedAt: '2026-02-10T08:00:00.000Z', secret: 2 },
    'SkipUp’s signature (t,v1) is right; signed 60 min before it came; with the configured secret number 2.',
  ],
  [
    { by: 'hubspot-v3', signedAt: '2026-02-10T09:00:40Z' },
    'HubSpot’s signature (v3) is right; signed for 40 s after it came.',
  ],
  [
    { by: 'salesforce-token', secret: 3 },
    'It came to Salesforce’s secret address; with the configured token number 3.',
  ],
  [{ by: 'sweep' }, 'Nobody sent it: the sweep read it at SkipUp, with our own key.'],
  [{ by: 'acme-key' }, 'Verified by acme-key.'],
  [{ by: 'hubspot-v3', signedAt: 'never' }, 'HubSpot’s signature (v3) is right.'],
  [null, 'How it was verified is not written down: an earlier version took it in.'],
])('%j reads: %s', (verification, sentence) => {
  expect(words(verification)).toBe(sentence);
});
