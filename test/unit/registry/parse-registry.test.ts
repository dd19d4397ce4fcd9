import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRegistry } from '../../../registry/index.ts';

const example = (name: string) => readFileSync(new URL(`../../../examples/acme/${name}`, import.meta.url), 'utf8');

const csv = (...lines: string[]) => parseRegistry(lines.join('\n'), 'csv');
const yaml = (...lines: string[]) => parseRegistry(lines.join('\n'), 'yaml');

describe('the example', () => {
  it('reads the same from YAML and from CSV, without a fault', () => {
    const fromYaml = parseRegistry(example('registry.yaml'), 'yaml');
    const fromCsv = parseRegistry(example('registry.csv'), 'csv');
    expect(fromYaml.faults).toEqual([]);
    expect(fromCsv).toEqual(fromYaml);
    expect(fromYaml.rows.map((row) => row.email)).toEqual([
      'jamie.chen@acme-corp.example',
      'pat.kumar@acme-corp.example',
      'morgan.diaz@acme-corp.example',
      'jordan.lee@yourcompany.example',
    ]);
    expect(fromYaml.rows[0]).toEqual({
      accountId: '9087654321',
      email: 'jamie.chen@acme-corp.example',
      name: 'Jamie Chen',
      side: 'customer',
      roles: ['champion', 'project_lead'],
      attendance: {},
      timezone: 'America/New_York',
      timezoneSource: 'person',
      optedOut: false,
      source: 'import',
    });
  });
});

describe('CSV', () => {
  it('reads every column', () => {
    const { rows, faults } = csv(
      'account_id,deal_id,email,name,side,roles,timezone,kickoff,go_live,active_from,active_to,opted_out,opted_out_reason,verified_at,source',
      '007,0061,Ann@Acme.example,"Ann, Dr",partner,billing champion,Europe/Berlin,optional,none,2026-01-01,2026-12-31,yes,left,2026-01-15,manual',
    );
    expect(faults).toEqual([]);
    expect(rows).toEqual([
      {
        accountId: '007',
        dealId: '0061',
        email: 'ann@acme.example',
        name: 'Ann, Dr',
        side: 'partner',
        roles: ['champion', 'billing'],
        attendance: { kickoff: 'optional', go_live: 'none' },
        timezone: 'Europe/Berlin',
        timezoneSource: 'person',
        activeFrom: '2026-01-01',
        activeTo: '2026-12-31',
        optedOut: true,
        optedOutReason: 'left',
        source: 'manual',
        verifiedAt: '2026-01-15T00:00:00.000Z',
      },
    ]);
  });

  it('needs an account and an address, nothing more', () => {
    expect(csv('account_id,email', 'a,b@c.example').rows).toMatchObject([
      { accountId: 'a', side: 'customer', roles: [] },
    ]);
  });

  it.each([
    ['a byte order mark', '\uFEFFaccount_id,email\r\na,b@c.example\r\n'],
    ['semicolons', 'account_id;email\na;b@c.example'],
    ['tabs', 'account_id\temail\na\tb@c.example'],
    ['capitals in the header', 'Account_ID, Email\na,b@c.example'],
    ['blank lines and empty rows', 'account_id,email\n\na,b@c.example\n,\n\n'],
  ])('takes %s', (_what, text) => {
    const { rows, faults } = parseRegistry(text, 'csv');
    expect(faults).toEqual([]);
    expect(rows).toMatchObject([{ accountId: 'a', email: 'b@c.example' }]);
  });

  it('takes what the rows say of an account together, once for all of them', () => {
    const { rows, accounts, accountIds, faults } = csv(
      'account_id,email,timezone,account_name,account_country,account_timezone',
      'a,x@c.example,,,,Europe/Paris',
      'a,y@c.example,Asia/Tokyo,Acme,fr,Europe/Paris',
      'b,,,Globex,US-CA,',
      'c,z@c.example,,,,',
    );
    expect(faults).toEqual([]);
    expect(rows.map(({ email, timezone }) => [email, timezone])).toEqual([
      ['x@c.example', undefined],
      ['y@c.example', 'Asia/Tokyo'],
      ['z@c.example', undefined],
    ]);
    expect(accounts).toEqual([
      { id: 'a', timezone: 'Europe/Paris', name: 'Acme', country: 'FR' },
      { id: 'b', name: 'Globex', country: 'US-CA' },
    ]);
    expect(accountIds).toEqual(['a', 'c', 'b']);
  });

  it('refuses two rows that say different things of one account', () => {
    const { faults } = csv(
      'account_id,email,account_country',
      'a,x@c.example,FR',
      'a,y@c.example,',
      'a,z@c.example,DE',
    );
    expect(faults).toEqual([{ line: 4, column: 3, message: 'account_country: line 2 says otherwise of account a' }]);
  });

  it.each(['UK', 'XX', 'Germany', 'DE-', 'D', 'DE-BYXX'])('knows no country %s', (country) => {
    const { faults } = csv('account_id,email,account_country', `a,x@c.example,${country}`);
    expect(faults).toMatchObject([{ line: 2, column: 3, message: expect.stringContaining('account_country: must') }]);
  });

  it('tells every fault at once, with its line', () => {
    const { faults } = csv(
      'account_id,email,side,roles,timezone,active_from,active_to,opted_out,kickoff',
      'a,not an address,customer,,,,,,',
      ',b@c.example,nobody,,Mars/Olympus,,,,',
      'a,c@c.example,,9lives,,31.12.2026,,,',
      'a,d@c.example,,,,2026-02-02,2026-01-01,perhaps,sometimes',
      'a,e@c.example',
      'a,f@c.example,,,,,,,',
      'a,F@C.example,,,,,,,',
    );
    expect(faults.map(({ line, message }) => `${line} ${message.split(':')[0]}`)).toEqual([
      '2 email',
      '3 account_id',
      '3 side',
      '3 timezone',
      '4 roles.0',
      '4 active_from',
      '5 opted_out',
      '5 kickoff',
      '6 2 cells where the header has 9',
      '8 f@c.example is given twice for account a, first in line 7',
    ]);
  });

  it('refuses an end before the beginning', () => {
    const { faults } = csv('account_id,email,active_from,active_to', 'a,b@c.example,2026-02-02,2026-01-01');
    expect(faults).toEqual([{ line: 2, column: 4, message: 'active_to: must not be before active_from' }]);
  });

  it('names columns that it does not know, that come twice and that are missing', () => {
    expect(csv('email,emial,email', 'x').faults.map((fault) => fault.message)).toEqual([
      expect.stringContaining('unknown column "emial"; known are account_id'),
      'column "email" is there twice',
      'column "account_id" is missing',
    ]);
  });

  it('says which line has a quote that is not closed', () => {
    const { faults } = csv('account_id,email', 'a,b@c.example', 'a,"c@c.example');
    expect(faults).toEqual([{ line: 3, message: expect.stringContaining('opened and never closed') }]);
  });

  it('takes a quote in the middle of a cell for a quote', () => {
    const { rows, faults } = csv('account_id,email,name', 'a,b@c.example,Ann "Zoe" Lee', 'a,c@c.example,"Bob" Lee');
    expect(faults).toEqual([]);
    expect(rows.map(({ name }) => name)).toEqual(['Ann "Zoe" Lee', '"Bob" Lee']);
  });

  it('counts lines as an editor does, whatever the cells hold', () => {
    const { faults } = csv(
      'account_id,email,opted_out_reason',
      'a,b@c.example,"two\r\nlines"',
      '',
      'a,none,"three\n\nlines"',
      'a,nor this,',
    );
    expect(faults.map(({ line }) => line)).toEqual([5, 8]);
    expect(parseRegistry('account_id,email\r\n\r\na,x\r\na,y\r\n', 'csv').faults.map(({ line }) => line)).toEqual([
      3, 4,
    ]);
    expect(parseRegistry('account_id,email\r\ra,x\ra,y', 'csv').faults.map(({ line }) => line)).toEqual([3, 4]);
  });

  it('refuses what a spreadsheet would run, and takes it as text with an apostrophe in front', () => {
    const header = 'account_id,email,name,opted_out_reason,account_name';
    const { faults } = csv(header, 'a,b@c.example,=1+1,@SUM(A1),-2+3', 'a,c@c.example,"+49 30 1234",-,');
    expect(faults.map(({ line, column, message }) => `${line} ${column} ${message.split(':')[0]}`)).toEqual([
      '2 3 name',
      '2 4 opted_out_reason',
      '2 5 account_name',
      '3 3 name',
    ]);
    expect(csv(header, "a,b@c.example,'=1+1,,").rows).toMatchObject([{ name: '=1+1' }]);
    expect(csv(header, "a,b@c.example,'Ann,,").rows).toMatchObject([{ name: "'Ann" }]);
  });

  it('refuses megabytes in a cell without repeating them', () => {
    const huge = 'x'.repeat(1_000_000);
    const { faults } = csv(
      'account_id,email,name,roles,timezone,kickoff,account_name',
      `${huge},b@c.example,,,,,`,
      `a,${huge}@c.example,,,,,`,
      `a,b@c.example,${huge},"${'champion '.repeat(100_000)}",${huge},${huge},${huge}`,
    );
    expect(faults.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 2],
      [4, 3],
      [4, 4],
      [4, 5],
      [4, 6],
      [4, 7],
    ]);
    for (const { message } of faults) expect(message.length).toBeLessThan(200);
    expect(csv(`account_id,email,${huge}`).faults[0]?.message.length).toBeLessThan(1000);
  });

  it('refuses line breaks and control characters in a name', () => {
    const { faults } = csv('account_id,email,name', 'a,b@c.example,"Ann\nBcc: x@y.example"');
    expect(faults).toEqual([{ line: 2, column: 3, message: 'name: must be one line, without control characters' }]);
  });

  it('says that an empty file is empty', () => {
    expect(parseRegistry('', 'csv')).toEqual({
      rows: [],
      accounts: [],
      accountIds: [],
      faults: [{ line: 1, message: expect.stringContaining('empty') }],
    });
  });

  it('tells the same person for the account and for a deal apart', () => {
    const { rows, faults } = csv('account_id,deal_id,email', 'a,,b@c.example', 'a,1,b@c.example', 'b,,b@c.example');
    expect(faults).toEqual([]);
    expect(rows).toHaveLength(3);
  });
});

describe('YAML', () => {
  it('takes ids as they are written, not as the numbers they look like', () => {
    const { rows, faults } = yaml(
      'accounts:',
      '  - id: 00123456789012345678',
      '    people:',
      '      - { email: b@c.example, deal_id: 0061 }',
    );
    expect(faults).toEqual([]);
    expect(rows).toMatchObject([{ accountId: '00123456789012345678', dealId: '0061' }]);
  });

  it('keeps the account’s zone apart from its people’s', () => {
    const { rows, accounts } = yaml(
      'accounts:',
      '  - id: a',
      '    timezone: Europe/Paris',
      '    people:',
      '      - email: x@c.example',
      '      - email: y@c.example',
      '        timezone: Asia/Tokyo',
      '        attendance: { kickoff: none, go_live: required }',
      '        opted_out: no',
    );
    expect(accounts).toEqual([{ id: 'a', timezone: 'Europe/Paris' }]);
    expect(rows[0]).not.toHaveProperty('timezone');
    expect(rows).toMatchObject([
      { email: 'x@c.example' },
      {
        timezone: 'Asia/Tokyo',
        timezoneSource: 'person',
        attendance: { kickoff: 'none', go_live: 'required' },
        optedOut: false,
      },
    ]);
  });

  it('tells every fault at once, with the line of the field', () => {
    const { faults } = yaml(
      'accounts:',
      '  - id: a',
      '    timezone: Nowhere',
      '    people:',
      '      - name: Without an address',
      '      - email: b@c.example',
      '        roles: [champion, "9"]',
      '        favourite: tea',
      '      - just text',
      '  - people: []',
      '  - id: b',
      '    boss: me',
      'extra: 1',
    );
    expect(faults.map(({ line, message }) => `${line} ${message.split(':')[0]}`)).toEqual([
      '3 timezone',
      '5 email',
      '7 roles.1',
      '8 favourite',
      '9 a person must have at least the field email',
      '10 id',
      '11 people',
      '12 boss',
      '13 extra',
    ]);
  });

  it('says where the text is no YAML', () => {
    const { faults } = yaml('accounts:', '  - id: a', '   people: x: y');
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.line).toBe(3);
  });

  it.each(['', 'null', '[]', 'accounts: 3', '--- \n...\n'])('says what must be in the file when it is %j', (text) => {
    const { faults } = parseRegistry(text, 'yaml');
    expect(faults).toMatchObject([{ message: expect.stringContaining('the file must hold "accounts:"') }]);
  });

  it.each([
    ['brackets', `accounts: ${'['.repeat(100_000)}`],
    ['braces', `accounts: ${'{a: '.repeat(20_000)}`],
    ['dashes', `accounts:\n${' -'.repeat(20_000)}`],
    ['blanks', `accounts:\n${Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth + 1)}- a:`).join('\n')}`],
  ])('refuses %s that are nested without end, instead of losing itself in them', (_what, text) => {
    const { faults } = parseRegistry(text, 'yaml');
    expect(faults).toMatchObject([{ message: expect.stringContaining('nested deeper than any registry is') }]);
  });

  it('takes brackets in a text for text', () => {
    expect(yaml('accounts:', '  - id: a', `    name: '${'['.repeat(100)}'`, '    people: []').faults).toEqual([]);
  });

  it('refuses a key that is given twice, with its line', () => {
    const { faults } = yaml('accounts:', '  - id: a', '    name: x', '    name: y', '    people: []');
    expect(faults).toMatchObject([{ line: 4, message: 'Map keys must be unique' }]);
  });

  it('refuses an alias that multiplies', () => {
    const bomb = [
      'accounts:',
      '  - id: a',
      '    people:',
      '      - email: b@c.example',
      '        aa: &a [x,x,x,x,x,x,x,x,x,x]',
    ];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
      bomb.push(
        `        ${to}: &${to} [*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from}]`,
      );
    }
    expect(yaml(...bomb).faults).toMatchObject([{ message: expect.stringContaining('alias') }]);
  });
});

describe('a CSV file in which nothing is quoted', () => {
  const cells = fc.constantFrom(
    'a',
    'b',
    ' a ',
    '',
    ' ',
    'ann@x.example',
    'Bob@X.example',
    'champion',
    'vendor',
    "'=x",
    '=x',
    'é😀',
  );
  const row = fc.array(cells, { minLength: 1, maxLength: 6 });
  const files = fc.record({
    rows: fc.array(row, { maxLength: 6 }),
    delimiter: fc.constantFrom(',', ';', '\t'),
    newline: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(['\n'], ['\r\n'], ['\r']) },
      fc.constant(['\n', '\r\n', '\r']),
    ),
    blanks: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
    isEnded: fc.boolean(),
  });

  it('is read as a parser of quotes reads it', () => {
    fc.assert(
      fc.property(files, ({ rows, delimiter, newline, blanks, isEnded }) => {
        const lines = [['email', 'name', 'roles', 'side', 'account_name'], ...rows].map((line) => line.join(delimiter));
        const end = (index: number) => (newline[index % newline.length] ?? '\n').repeat(blanks[index] === true ? 2 : 1);
        const body = lines.map((line, index) => (index === lines.length - 1 ? line : `${line}${end(index)}`)).join('');
        const rest = `${delimiter}${body}${isEnded ? end(0) : ''}`;
        expect(parseRegistry(`account_id${rest}`, 'csv')).toEqual(parseRegistry(`"account_id"${rest}`, 'csv'));
      }),
      { numRuns: 200, interruptAfterTimeLimit: 2_000 },
    );
  });

  it('says of each row what is wrong with it, also when another row had the same fault', () => {
    const { faults } = csv(
      'account_id,email,timezone,roles',
      'a,b@c.example,Mars/Olympus,9lives',
      'a,c@c.example,Europe/Berlin,billing',
      'a,d@c.example,Mars/Olympus,9lives',
      'a,e@c.example,Europe/Berlin,billing',
    );
    expect(faults.map(({ line, column, message }) => `${line}:${column} ${message.split(':')[0]}`)).toEqual([
      '2:3 timezone',
      '2:4 roles.0',
      '4:3 timezone',
      '4:4 roles.0',
    ]);
  });
});

it('refuses a file of more than 20 MB', () => {
  expect(parseRegistry('x'.repeat(20_000_001), 'csv').faults).toMatchObject([
    { message: expect.stringContaining('20 MB') },
  ]);
});

it('never throws, whatever the text', () => {
  const tokens = fc.constantFrom(
    'accounts:',
    '\n',
    '  - ',
    'id: a',
    'people:',
    'email: b@c.example',
    ',',
    '"',
    '*a',
    '&a ',
    '{',
    ']',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(tokens).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom('csv' as const, 'yaml' as const), (text, format) => {
      const { faults } = parseRegistry(text, format);
      return faults.every((fault) => fault.line >= 1 && fault.message.length > 0);
    }),
    { numRuns: 300 },
  );
});
