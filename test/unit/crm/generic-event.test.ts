import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGeneric, type Deal, dealEventJsonSchema, dealSchema } from '../../../crm/index.ts';
import { codeOf } from './inbound.ts';

const crm = createGeneric({ readableBy: 'hubspot' });
const signalOf = (event: unknown) => crm.normalise(Buffer.from(JSON.stringify(event)))[0];
const dealOf = (deal: object): Deal | undefined => signalOf({ deal: { id: '1', name: 'Acme', ...deal } })?.deal;
const refusal = (event: unknown): string => {
  try {
    signalOf(event);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was refused');
};

describe('a deal event as no-code tools send it', () => {
  it('may hold an id and a name, and is then a won deal that is its own account', () => {
    expect(signalOf({ deal: { id: 1148, name: 'Acme' } })).toMatchObject({
      dealId: '1148',
      crm: 'generic',
      deal: { id: '1148', crm: 'generic', name: 'Acme', account: { id: 'deal-1148', name: 'Acme' }, isWon: true },
    });
  });

  it.each([
    [48_000.5, 48_000.5],
    ['48000.5', 48_000.5],
    ['0', 0],
    ['-1', -1],
  ])('may have the amount %j', (amount, expected) => {
    expect(dealOf({ amount })?.amount).toBe(expected);
  });

  it.each(['48,000.50', '48 000', '€48', '1e5', '0x10', ' 1', 'Infinity', true])(
    'may not have the amount %j',
    (amount) => {
      expect(refusal({ deal: { id: '1', name: 'Acme', amount } })).toContain(
        'at deal.amount: expected a number such as',
      );
    },
  );

  it.each([
    [true, true],
    ['true', true],
    ['True', true],
    [false, false],
    ['false', false],
    ['FALSE', false],
    [undefined, true],
    [null, true],
    ['', true],
  ])('with isWon %j is won: %j', (isWon, expected) => {
    expect(dealOf({ isWon })?.isWon).toBe(expected);
  });

  it('may have labels in one text, an account by its name, and numbers for ids', () => {
    const deal = dealOf({
      account: { name: 'Acme Corp' },
      contacts: [{ id: 7, email: 'jamie@acme.example', labels: 'Champion, , IT contact', isPrimary: 'true' }],
    });
    expect(deal?.account).toEqual({ id: 'Acme Corp', name: 'Acme Corp' });
    expect(deal?.contacts).toEqual([
      { id: '7', email: 'jamie@acme.example', labels: ['Champion', 'IT contact'], isPrimary: true, optedOut: false },
    ]);
  });

  it('may leave what a deal does not have null or empty, at every depth', () => {
    const empty = {
      owner: { email: 'a@b.example', name: '', timezone: null },
      contacts: [{ email: null, labels: '' }],
    };
    expect(dealOf({ ...empty, stage: '', amount: null, url: '' })).toEqual({
      ...dealOf({ owner: { email: 'a@b.example' }, contacts: [{}] }),
    });
    expect(refusal({ dealId: '' })).toContain('at dealId');
  });

  it('is of the shape that the rest of Kickoff knows', () => {
    const deal = dealOf({
      amount: '1',
      owner: { email: 'a@b.example' },
      contacts: [{ email: 'c@d.example' }],
      mergedIds: [2],
    });
    expect(dealSchema.parse(deal)).toEqual(deal);
  });
});

describe('a wrong deal event', () => {
  it('is told everything that is wrong with it at once, by field', () => {
    const message = refusal({
      deal: { name: '', amount: 'much', owner: { mail: 'x' }, contacts: [{ isPrimary: 'perhaps' }] },
      workstream: 'Ünï',
    });
    for (const field of [
      'deal.id',
      'deal.name',
      'deal.amount',
      'deal.owner.email',
      'deal.owner: Unrecognized key: "mail"',
      'deal.contacts.0.isPrimary',
      'workstream',
    ]) {
      expect(message).toContain(`at ${field}`);
    }
  });

  it('is told of twenty problems, and how many more there are', () => {
    const message = refusal({ deal: { id: '1', name: 'Acme', contacts: Array(50).fill({ email: 5 }) } });
    expect(message.match(/at deal\.contacts/g)).toHaveLength(20);
    expect(message).toContain('and 30 more');
    expect(refusal({ dealId: '1', ['x'.repeat(50_000)]: 1 }).length).toBeLessThan(500);
  });

  it('that is neither form is told both', () => {
    expect(refusal({ id: '1' })).toContain('Send the whole deal as "deal", or its id as "dealId"');
  });

  it('of any JSON is refused as malformed, and never otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(codeOf(() => signalOf(value))).toBe('malformed_body');
      }),
    );
  });
});

describe('the JSON Schema of a deal event', () => {
  const schema = dealEventJsonSchema();
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  const forms = [schema.anyOf].flat().map((form) => Object(form));
  const examples: unknown[] = [schema.examples].flat();

  it('is of draft 2020-12 and describes every field', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const bare: string[] = [];
    const visit = (node: Record<string, unknown>, path: string): void => {
      for (const [name, child] of Object.entries(Object(node.properties))) {
        const field = `${path}.${name}`;
        if (typeof Object(child).description !== 'string') {
          bare.push(field);
        }
        for (const form of formsOf(child)) {
          visit(form, field);
          visit(Object(form.items), field);
        }
      }
    };
    for (const form of forms) {
      visit(form, '');
    }
    expect(bare).toEqual([]);
  });

  it('has every field that a deal and a contact of Kickoff have', () => {
    const { properties } = Object(forms[0].properties).deal;
    expect(Object.keys(properties).sort()).toEqual(Object.keys(dealSchema.shape).sort());
    const contact = dealSchema.shape.contacts.unwrap().element;
    const [contacts] = formsOf(properties.contacts);
    expect(Object.keys(Object(contacts?.items).properties).sort()).toEqual(Object.keys(contact.shape).sort());
  });

  it('has examples that it and the receiver accept', () => {
    expect(examples.length).toBeGreaterThan(3);
    for (const example of examples) {
      expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
      expect(signalOf(example)).toMatchObject({ eventType: 'deal.closed_won' });
    }
  });

  it('accepts the bodies that the documentation shows', () => {
    const text = readFileSync(new URL('../../../docs/crms.md', import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/```json\n([^`]+)```|`(\{"deal": [^`]+)`/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(blocks).toHaveLength(2);
    for (const block of blocks) {
      const event: unknown = JSON.parse(block);
      expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
      expect(signalOf(event)).toMatchObject({ deal: { isWon: true } });
    }
  });

  it.each([
    [{}],
    [{ deal: {} }],
    [{ deal: { id: '1', name: 'Acme' }, dealId: '1' }],
    [{ deal: { id: '1', name: 'Acme', amount: '1,000' } }],
    [{ deal: { id: '1', name: 'Acme', isWon: 'yes' } }],
    [{ deal: { id: 1.5, name: 'Acme' } }],
    [{ deal: { id: '1', name: 'Acme', contacts: [{ role: 'champion' }] } }],
    [{ deal: { id: '1', name: 'Acme', mergedIds: Array(101).fill('1') } }],
    [{ dealId: '1', crm: 'generic' }],
    [{ dealId: '1', occurredAt: '2026-02-08' }],
    [{ dealId: '1', workstream: 'Data' }],
    [[]],
    ['1148'],
  ])('refuses %j, as the receiver does', (event) => {
    expect(validate(event)).toBe(false);
    expect(codeOf(() => signalOf(event))).toBe('malformed_body');
  });

  it('accepts nothing that the receiver refuses, and the other way round', () => {
    const some = fc.constantFrom<unknown>(
      '',
      null,
      'x',
      '1',
      '-2.5',
      'true',
      'False',
      0,
      7,
      1.5,
      true,
      false,
      [],
      ['a'],
      {},
      'x'.repeat(400),
    );
    const deal = fc.record(
      { id: some, name: some, amount: some, isWon: some, account: some, stage: some },
      { requiredKeys: ['id', 'name'] },
    );
    const event = fc.record({ deal, eventId: some, workstream: some, occurredAt: some }, { requiredKeys: ['deal'] });
    fc.assert(
      fc.property(event, (value) => {
        expect(validate(value)).toBe(accepts(value));
      }),
      { numRuns: 500 },
    );
  });
});

/** What a member may be: itself, or one of several. */
function formsOf(member: unknown): Record<string, unknown>[] {
  const { anyOf } = Object(member);
  return (Array.isArray(anyOf) ? anyOf : [member]).map((form) => Object(form));
}

function accepts(event: unknown): boolean {
  try {
    signalOf(event);
    return true;
  } catch {
    return false;
  }
}
