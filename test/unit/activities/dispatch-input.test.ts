import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { checkedDispatch, DISPATCH_EXAMPLES } from '../../../activities/dispatch-input.ts';

const deal = {
  id: '5',
  crm: 'generic',
  name: 'Acme, Enterprise',
  account: { id: '9', name: 'Acme' },
  isWon: true,
};

/** The problems that the failure lists; the rest of its message are the examples. */
function problemsWith(input: unknown): string[] {
  try {
    checkedDispatch(input);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    expect(error).toMatchObject({ nonRetryable: true, type: 'DispatchInput' });
    const [head, ...lines] = error.message.split('\n');
    expect(head).toBe('The input is not right:');
    expect(lines.splice(-2)).toEqual([
      `A right one, for a deal of the CRM: ${DISPATCH_EXAMPLES[0]}`,
      `A right one, for a whole deal: ${DISPATCH_EXAMPLES[1]}`,
    ]);
    return lines.map((line) => line.replace(/^- /, ''));
  }
  throw new Error('it was taken');
}

const KNOWN = 'known are dealId, crm, workstream, deal, dryRun, requestedBy';

describe('the input of a dispatch', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['input: is missing; give an object in { }']],
    ['null', null, ['input: must be an object in { }, not null']],
    ['a text', '5012345678', ['input: must be an object in { }, not a text']],
    ['a number', 5, ['input: must be an object in { }, not a number']],
    ['a list', [{ dealId: '5' }], ['input: must be an object in { }, not a list']],
    ['an empty object', {}, ['dealId: is missing; give it, or a whole deal']],
    ['an empty id', { dealId: '  ' }, ['dealId: must not be empty']],
    ['an id that is null', { dealId: null }, ['dealId: must be a text in quotes, not null']],
    ['a number that has lost digits', { dealId: 2 ** 60 }, ['dealId: put it in quotes: a number loses digits']],
    ['an id beyond every CRM’s', { dealId: 'x'.repeat(129) }, ['dealId: must have 128 characters at most']],
    ['both forms', { dealId: '5', deal }, ['dealId: give either dealId or deal, not both']],
    [
      'a misspelt field',
      { dealid: '5' },
      [`input: "dealid" unknown here; ${KNOWN}`, 'dealId: is missing; give it, or a whole deal'],
    ],
    [
      'several wrong fields',
      { dealId: {}, crm: 'fax', workstream: 'Phase 2', dryRun: 'yes', requestedBy: 7 },
      [
        'dealId: must be a text in quotes, not an object',
        'crm: must be one of hubspot, salesforce, pipedrive, generic',
        'workstream: must be lower-case letters, digits, - and _, at most 41',
        'dryRun: must be true or false, not a text',
        'requestedBy: must be a text in quotes, not a number',
      ],
    ],
    ['a deal that is a list', { deal: [] }, ['deal: must be an object in { }, not a list']],
    ['a deal of another CRM than named', { crm: 'hubspot', deal }, ['crm: leave it out; the deal names its own']],
    [
      'a deal with many faults',
      {
        deal: {
          id: '',
          crm: 'fax',
          account: { id: '9', nane: 'Acme' },
          amount: '12',
          isWon: 'yes',
          owner: { name: 'Jordan' },
          contacts: [{ mail: 'x@acme.example', labels: 'Champion' }],
        },
      },
      [
        'deal.id: must not be empty',
        'deal.crm: must be one of hubspot, salesforce, pipedrive, generic',
        'deal.name: is missing; give a text in quotes',
        'deal.account.name: is missing; give a text in quotes',
        'deal.account: "nane" unknown here; known are id, name',
        'deal.isWon: must be true or false, not a text',
        'deal.amount: must be a number, not a text',
        'deal.owner.email: is missing; give a text in quotes',
        'deal.contacts[0].labels: must be a list in [ ], not a text',
        expect.stringMatching(/^deal\.contacts\[0\]: "mail" unknown here; known are id, email, /),
      ],
    ],
  ])('%s: every problem by its field', (_name, input, problems) => {
    expect(problemsWith(input)).toEqual(problems);
  });

  it.each<[string, unknown, object]>([
    ['an id', { dealId: '5012345678' }, { dealId: '5012345678' }],
    ['an id with blanks around it', { dealId: ' 5\n' }, { dealId: '5' }],
    ['an id that was typed as a number', { dealId: 5_012_345_678 }, { dealId: '5012345678' }],
    ['a rehearsal', { dealId: '5', dryRun: true }, { dealId: '5', dryRun: true }],
    ['a whole deal', { deal }, { deal }],
    ['its ids as numbers', { deal: { ...deal, id: 5, account: { id: 9, name: 'Acme' } } }, { deal }],
  ])('%s is taken', (_name, input, checked) => {
    expect(checkedDispatch(input)).toEqual(checked);
  });

  it.each(DISPATCH_EXAMPLES)('its own example is a right one: %s', (example) => {
    expect(() => checkedDispatch(JSON.parse(example))).not.toThrow();
  });
});
