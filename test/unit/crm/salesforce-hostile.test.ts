import fc from 'fast-check';
import { describe, it } from 'vitest';
import { TriggerRefused } from '../../../crm/port.ts';
import { createSalesforce } from '../../../crm/salesforce/index.ts';
import { inbound } from './inbound.ts';
import { ORGANIZATION_ID, outboundMessage } from './salesforce/message.ts';

const crm = createSalesforce({ triggerTokens: ['t'], organizationId: ORGANIZATION_ID });
const message = outboundMessage([{}, { notificationId: '04lHs0000000002IAA', fields: { IsWon: 'true' } }]);
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('<', '>', '</', '/>', '<![CDATA[', ']]>', '<!--', '-->', '<?', '<!DOCTYPE', '&', '"', "'", '=', ':'),
  fc.constantFrom(
    '<a>',
    '</a>',
    '<Id>',
    ' xmlns=""',
    '<__proto__>',
    '<constructor/>',
    'xsi:type="',
    '<#>',
    '<@ a="b">',
  ),
);
/** A message with some of it replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat(message.length), fc.nat(40), piece), { minLength: 1, maxLength: 4 })
  .map((cuts) => cuts.reduce((text, [at, count, put]) => text.slice(0, at) + put + text.slice(at + count), message));

/** Whether the work ends, or ends in a refusal: everything else is a fault. */
function endsWell(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    return error instanceof TriggerRefused;
  }
}

describe('whatever is sent as an Outbound Message', () => {
  it('is normalised or refused, and nothing else', () => {
    fc.assert(
      fc.property(damaged, (text) => endsWell(() => crm.normalise(Buffer.from(text)))),
      { numRuns: 1_000 },
    );
  });

  it('is verified or refused, and nothing else', () => {
    const path = fc.oneof(
      fc.constant('/triggers/salesforce/t'),
      fc.string({ unit: 'binary' }).map((t) => `/triggers/salesforce/${t}`),
    );
    fc.assert(
      fc.property(path, damaged, (to, text) => endsWell(() => crm.verify(inbound({ path: to, text })))),
      { numRuns: 500 },
    );
  });

  it('gives deal ids that can stand in a query, or nothing', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        let ids: string[] = [];
        const isAccepted = endsWell(() => {
          ids = crm.normalise(Buffer.from(text)).map(({ dealId }) => dealId);
        });
        return isAccepted && ids.every((id) => /^[a-zA-Z0-9]{18}$/.test(id));
      }),
      { numRuns: 500 },
    );
  });
});
