import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createGeneric, createHubSpot, TriggerRefused } from '../../../crm/index.ts';

const crms = [
  createHubSpot({ clientSecret: 's', publicUrl: 'https://x.example', signatureVersions: ['v3', 'v2', 'v1'] }),
  createGeneric({ secrets: ['s'], tokens: ['t'], readableBy: 'hubspot' }),
];
const headerNames = [
  'x-hubspot-signature-v3',
  'x-hubspot-request-timestamp',
  'x-hubspot-signature',
  'x-hubspot-signature-version',
  'x-webhook-signature',
  'authorization',
];
const headerValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('v1', 'v2', 't=1,v1=00', 'Bearer t', String(Date.now())),
  fc.array(fc.string()),
);
const request = fc.record({
  method: fc.constantFrom('POST', 'GET', ''),
  path: fc.string({ unit: 'binary' }),
  headers: fc.dictionary(fc.constantFrom(...headerNames), headerValue),
  body: fc.uint8Array({ maxLength: 200 }),
});

/** Whether the work ends, or ends in a refusal: everything else is a fault. */
function endsWell(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    return error instanceof TriggerRefused;
  }
}

describe.each(crms)('whatever is sent to $name', (crm) => {
  it('is verified or refused, and nothing else', () => {
    fc.assert(
      fc.property(request, (sent) => endsWell(() => crm.verify(sent))),
      { numRuns: 500 },
    );
  });

  it('is normalised or refused, and nothing else', () => {
    const json = fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text));
    const body = fc.oneof(
      fc.uint8Array(),
      json,
      fc.array(fc.object(), { maxLength: 3 }).map((v) => Buffer.from(JSON.stringify(v))),
    );
    fc.assert(
      fc.property(body, (bytes) => endsWell(() => crm.normalise(bytes))),
      { numRuns: 500 },
    );
  });
});
