import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, exportRegistry, parseRegistry, type Stakeholder } from '../../../registry/index.ts';

/** What the import lets in: trimmed, and in one line where it must be. */
const nasty = fc.constantFrom(
  '=1+1',
  "'=x",
  "''@y",
  '-',
  'a,b;c',
  '"',
  '""q"',
  '#no',
  'null',
  'yes',
  '0061',
  '- x: y',
  '~',
  'Zoë 日本 🎉',
  '{{x}}',
  '&a',
  '*a',
  '|',
  'a\tb'.replace('\t', ' '),
  '12:30',
  '1e3',
  ': ',
);
const line = fc
  .oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 30 }))
  .map((text) => text.replace(/\p{Cc}/gu, '').trim());
const lines = fc.oneof(
  line,
  fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n'), line).map((parts) => parts.join('').trim()),
);
const id = fc.oneof(
  fc.constantFrom('1', '007', '9007199254740993', 'null', '1e3', '=a', "'-b", 'x y', '0x10'),
  fc.stringMatching(/^[A-Za-z0-9_:-]{1,12}$/),
);
const presence = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const zone = fc.constantFrom('Europe/Berlin', 'America/Chicago', 'Pacific/Kiritimati');
const roles = fc.subarray(['champion', 'project_lead', 'billing', 'our_own'], { minLength: 0 });
const attendance = fc.dictionary(
  fc.constantFrom('kickoff', 'weekly_sync', 'milestone_review', 'go_live', 'post_go_live'),
  fc.constantFrom('required' as const, 'optional' as const, 'none' as const),
  { noNullPrototype: true },
);

const person: fc.Arbitrary<Stakeholder> = fc
  .record({
    accountId: id,
    dealId: presence(id),
    email: fc
      .tuple(fc.stringMatching(/^[a-z0-9_+'-]{0,6}[a-z0-9_+-]$/), fc.constantFrom('acme.example', 'x.example'))
      .map((parts) => parts.join('@')),
    name: presence(line),
    side: fc.constantFrom('customer' as const, 'vendor' as const, 'partner' as const),
    roles,
    attendance,
    zone: presence(
      fc.record({
        timezone: zone,
        timezoneSource: fc.constantFrom('person' as const, 'crm' as const, 'account' as const),
      }),
    ),
    activeFrom: presence(fc.constantFrom('2026-01-01', '2026-02-01')),
    activeTo: presence(fc.constantFrom('2026-03-01', '2026-12-31')),
    optedOut: fc.boolean(),
    optedOutReason: presence(lines),
    source: fc.constantFrom('manual' as const, 'import' as const, 'crm' as const),
    verifiedAt: presence(
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
    ),
  })
  .map(({ zone: own, ...fields }) => {
    const known = Object.entries({ ...fields, ...own }).filter(([, value]) => value !== undefined && value !== '');
    // Only what is known is there at all.
    const given: Partial<Stakeholder> = Object.fromEntries(known);
    return {
      accountId: fields.accountId,
      email: fields.email,
      side: fields.side,
      roles: [],
      attendance: {},
      optedOut: false,
      source: fields.source,
      ...given,
    };
  });

const account: fc.Arbitrary<Account> = fc
  .record({
    id,
    name: presence(line),
    country: presence(fc.constantFrom('DE', 'US-CA', 'JP')),
    timezone: presence(zone),
  })
  .map((fields) => ({
    id: fields.id,
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')),
  }))
  // Of an account that nothing is known of, there is no row.
  .filter((fields) => Object.keys(fields).length > 1);

const keyOf = (row: Stakeholder) => JSON.stringify([row.accountId, row.dealId ?? '', row.email]);
const registry = fc.record({
  rows: fc.uniqueArray(person, { selector: keyOf, maxLength: 8 }),
  accounts: fc.uniqueArray(account, { selector: ({ id: key }) => key, maxLength: 4 }),
});
const byKey = (a: Stakeholder, b: Stakeholder) => (keyOf(a) < keyOf(b) ? -1 : 1);
const byId = (a: Account, b: Account) => (a.id < b.id ? -1 : 1);

describe('an export', () => {
  // Reading YAML takes three times as long as reading CSV. A machine that is busy with other things looks at fewer examples.
  it.each([
    { format: 'csv' as const, numRuns: 200 },
    { format: 'yaml' as const, numRuns: 100 },
  ])('to $format is read back unchanged, whatever is in the registry', ({ format, numRuns }) => {
    fc.assert(
      fc.property(registry, ({ rows, accounts }) => {
        const read = parseRegistry(exportRegistry({ rows, accounts }, format), format);
        expect(read.faults).toEqual([]);
        expect(read.rows.toSorted(byKey)).toEqual(rows.toSorted(byKey));
        expect(read.accounts.toSorted(byId)).toEqual(accounts.toSorted(byId));
      }),
      { numRuns, interruptAfterTimeLimit: 2_000 },
    );
  });

  it('holds no cell that a spreadsheet would run', () => {
    fc.assert(
      fc.property(registry, (content) => {
        const records: string[][] = parse(exportRegistry(content, 'csv'));
        for (const cell of records.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  it('of nothing is a file without people', () => {
    for (const format of ['csv', 'yaml'] as const) {
      const text = exportRegistry({ rows: [], accounts: [] }, format);
      expect(parseRegistry(text, format)).toEqual({ rows: [], accounts: [], accountIds: [], faults: [] });
    }
  });
});
