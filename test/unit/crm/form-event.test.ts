import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormTrigger, formEventJsonSchema, leadIdOfAddress, TriggerRefused } from '../../../crm/index.ts';

const now = new Date('2026-02-08T16:00:00Z');
const trigger = createFormTrigger({ secrets: ['s'], tokens: [], readableBy: 'hubspot' });
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown, at = now) => trigger.normalise(bytes(value), at)[0];
const LEAD = { email: 'Sarah@Acme.example', name: 'Sarah Chen' };
const SUBMITTED = { event: 'form.submitted', lead: LEAD };

function refusal(value: unknown): string {
  try {
    trigger.normalise(bytes(value), now);
  } catch (error) {
    if (error instanceof TriggerRefused && error.code === 'malformed_body') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

function isAccepted(value: unknown): boolean {
  try {
    return trigger.normalise(bytes(value), now).length === 1;
  } catch (error) {
    if (error instanceof TriggerRefused) return false;
    throw error;
  }
}

describe('a form event of our own form', () => {
  it('becomes a submission, with the whole lead and the CRM that can read it', () => {
    const id = leadIdOfAddress('sarah@acme.example');
    expect(
      read({ ...SUBMITTED, form: { name: 'Demo', submittedAt: '2026-02-08T15:00:00+01:00', answers: { Size: 50 } } }),
    ).toMatchObject({
      event: 'form_submitted',
      lead: { email: 'sarah@acme.example' },
      crm: 'hubspot',
      occurredAt: '2026-02-08T14:00:00.000Z',
      form: { name: 'Demo', submittedAt: '2026-02-08T14:00:00.000Z', answers: { Size: '50' } },
      whole: { id, crm: 'generic', email: 'sarah@acme.example', optedOut: false },
    });
  });

  it('of no CRM has the sender’s id where it may stand in a key, else a digest of the address', () => {
    const leadOf = (id: string) => read({ event: 'form.submitted', crm: 'generic', lead: { ...LEAD, id } })?.lead.id;
    expect(leadOf('9f2k1x')).toBe('9f2k1x');
    for (const id of ['sarah@acme.example', 'a b', 'x/../y', 'lead:1']) {
      expect(leadOf(id)).toBe(leadIdOfAddress('sarah@acme.example'));
    }
  });

  it.each([
    [
      'the sender’s id',
      { ...SUBMITTED, id: 7 },
      { ...SUBMITTED, id: '7', lead: { email: 'other@acme.example' } },
      true,
    ],
    [
      'lead, form and instant',
      { ...SUBMITTED, form: { submittedAt: '2026-02-08T15:00:00Z', page: 'https://a.example' } },
      { ...SUBMITTED, form: { submittedAt: '2026-02-08T16:00:00+01:00' } },
      true,
    ],
    [
      'the instant',
      { ...SUBMITTED, form: { submittedAt: '2026-02-08T15:00:00Z' } },
      { ...SUBMITTED, form: { submittedAt: '2026-02-08T15:00:01Z' } },
      false,
    ],
    [
      'the form',
      { ...SUBMITTED, form: { name: 'a', submittedAt: '2026-02-08T15:00:00Z' } },
      { ...SUBMITTED, form: { name: 'b', submittedAt: '2026-02-08T15:00:00Z' } },
      false,
    ],
    ['its bytes', SUBMITTED, SUBMITTED, true],
    [
      'what happened',
      { ...SUBMITTED, form: { submittedAt: '2026-02-08T15:00:00Z' } },
      { event: 'meeting.booked', lead: LEAD, bookedAt: '2026-02-08T15:00:00Z' },
      false,
    ],
  ])('is known by %s', (_what, one, other, isSame) => {
    expect(read(one)?.submissionKey === read(other)?.submissionKey).toBe(isSame);
  });

  it('without an instant is another submission the next day', () => {
    const tomorrow = new Date('2026-02-09T16:00:00Z');
    expect(read(SUBMITTED)?.submissionKey).not.toBe(read(SUBMITTED, tomorrow)?.submissionKey);
  });

  it('of a booking says the meeting in words', () => {
    const booked = { event: 'meeting.booked', lead: LEAD, meeting: 'Demo', bookedAt: '2026-02-08T15:20:00Z' };
    expect(read(booked)).toMatchObject({
      event: 'meeting_booked',
      meeting: 'Demo',
      occurredAt: '2026-02-08T15:20:00.000Z',
    });
  });

  it.each([
    [{ lead: LEAD }, 'Say which event it is'],
    [{ event: 'form.submitted' }, 'at lead'],
    [{ event: 'form.submitted', lead: { email: 'nobody' } }, 'at lead.email'],
    [{ ...SUBMITTED, form: { submittedAt: 'yesterday' } }, 'at form.submittedAt'],
    [{ ...SUBMITTED, form: { answers: { a: {} } } }, 'at form.answers.a'],
    [
      { ...SUBMITTED, form: { answers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`q${n}`, 'x'])) } },
      'no more than 100',
    ],
    [{ ...SUBMITTED, crm: 'close' }, 'at crm'],
    [{ ...SUBMITTED, extra: 1 }, 'extra'],
    [[], 'at the top'],
    ['{', 'not JSON'],
  ])('%j is refused with a sentence that says where', (event, where) => {
    expect(refusal(event)).toContain(where);
  });

  it('is described by a JSON Schema that takes what is taken, empty members included, and refuses what is refused', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    formats.default(ajv);
    const { examples, ...schema } = formEventJsonSchema();
    const validate = ajv.compile(schema);
    const taken = [
      ...[examples].flat(),
      {
        ...SUBMITTED,
        crm: null,
        id: '',
        form: { name: '', page: null, answers: { a: '', b: null, c: true, d: ['x'] } },
      },
    ];
    for (const event of taken) {
      expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
      expect(read(event)?.eventType).toBeTypeOf('string');
    }
    for (const event of [{ lead: LEAD }, { ...SUBMITTED, extra: 1 }, { event: 'form.submitted', lead: {} }]) {
      expect(validate(event)).toBe(false);
      expect(refusal(event)).toMatch(/documented/);
    }
  });

  it('has no address in its key, whatever the sender’s own id of it is', () => {
    const known = read({ ...SUBMITTED, id: 'Sarah@Acme.example' })?.submissionKey;
    expect(known).toBe(`own:id:${leadIdOfAddress('sarah@acme.example')}`);
    expect(read({ ...SUBMITTED, id: 'submission-4711' })?.submissionKey).toBe('own:id:submission-4711');
  });

  it('is accepted where its JSON Schema accepts it, and nowhere else', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    formats.default(ajv);
    const { examples: _known, ...schema } = formEventJsonSchema();
    const validate = ajv.compile(schema);
    const odd = fc.constantFrom<unknown>(' ', 0, 1.5, true, 'False', [], ['a'], {}, 'x'.repeat(400));
    const some = fc.oneof({ weight: 8, arbitrary: fc.constantFrom<unknown>('', null, 'x', '1', 7) }, odd);
    const mostly = (...values: unknown[]) => fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...values) }, some);
    const address = mostly('sarah@acme.example', 'S@A.example');
    const instant = mostly('2026-02-08T15:00:00Z', '2026-02-08T15:00:00.5+01:00', null, '2026-02-30T15:00:00Z');
    const text = mostly('x', 'München', '', null);
    const owner = fc.record({ email: address, name: text, timezone: text }, { requiredKeys: ['email'] });
    const lead = fc.record(
      { email: address, id: some, name: text, company: text, owner, optedOut: mostly(true, false, 'true', null) },
      { requiredKeys: ['email'] },
    );
    // The name of what is left empty is looked at by the schema alone: labels and `extra` are filled in.
    const answers = fc.dictionary(fc.constantFrom('Size', 'Interest', 'München'), some, { maxKeys: 2 });
    const form = fc.record({ name: text, submittedAt: instant, page: text, answers }, { requiredKeys: [] });
    const crm = mostly('hubspot', 'generic', null);
    const submitted = { event: fc.constant('form.submitted'), lead, form: fc.oneof(form, text), crm, id: text };
    const booked = { event: fc.constant('meeting.booked'), lead, meeting: text, bookedAt: instant, crm, id: text };
    const event = fc.oneof(
      fc.record(submitted, { requiredKeys: ['event', 'lead'] }),
      fc.record(booked, { requiredKeys: ['event', 'lead'] }),
      fc.record({ event: mostly('form.submitted'), lead: fc.oneof(lead, some), extra: odd }, { requiredKeys: [] }),
    );
    let taken = 0;
    fc.assert(
      fc.property(event, (value) => {
        const isTaken = isAccepted(value);
        taken += Number(isTaken);
        expect(validate(value), JSON.stringify(validate.errors)).toBe(isTaken);
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it('reaches no prototype by what a field is called', () => {
    const answers = '{"__proto__":{"x":"y"},"constructor":"z","Size":"50"}';
    const form = read(
      `{"event":"form.submitted","lead":{"email":"a@acme.example"},"form":{"answers":${answers}}}`,
    )?.form;
    expect(Object.entries(form?.answers ?? {})).toEqual([
      ['constructor', 'z'],
      ['Size', '50'],
    ]);
    expect(Object.getPrototypeOf(form?.answers)).toBe(Object.prototype);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it('never throws anything but a refusal, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((lead) => JSON.stringify({ event: 'form.submitted', lead, form: lead })),
        ),
        (text) => {
          try {
            return trigger.normalise(bytes(text), now).length === 1;
          } catch (error) {
            return error instanceof TriggerRefused;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
