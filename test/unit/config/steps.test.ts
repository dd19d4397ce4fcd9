import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../config/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-steps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is said of a file with these step lists, a line each, without its last words about the place. */
function faultsOf(lists: Record<string, object[]>, more: object = {}, pipeline = 'kickoff'): string[] {
  writeFileSync(
    join(folder, 'kickoff.config.yaml'),
    JSON.stringify({ [pipeline]: { steps: lists }, ...more }, null, 1),
  );
  try {
    loadConfig({ env: {}, cwd: folder });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.faults.every(({ line }) => line !== undefined || error.faults.length === 0)).toBe(true);
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

const note = (id: string, after?: string[], text = 'x') => ({ id, kind: 'crm_note', text, ...(after && { after }) });
const at = (list: string, index: number, option: string) => `kickoff.steps.${list}[${index}].${option}`;

describe('the order of steps', () => {
  it('may be any that begins somewhere', () => {
    const diamond = [note('a'), note('b', ['a']), note('c', ['a']), note('d', ['b', 'c'])];
    expect(faultsOf({ on_booked: diamond })).toEqual([]);
    // The same steps, last first.
    expect(faultsOf({ on_booked: [...diamond].reverse() })).toEqual([]);
  });

  it.each([
    ['itself', [note('a', ['a'])], [`${at('on_booked', 0, 'after[0]')}: a cannot come after itself; take it out`]],
    [
      'two that wait for each other',
      [note('a', ['b']), note('b', ['a'])],
      [`${at('on_booked', 0, 'after')}: comes after itself: a → b → a; take one of these out of \`after\``],
    ],
    [
      'a circle of three with a way into it',
      [note('z', ['a']), note('a', ['c']), note('b', ['a']), note('c', ['b'])],
      [`${at('on_booked', 1, 'after')}: comes after itself: a → c → b → a; take one of these out of \`after\``],
    ],
    [
      'two circles',
      [note('a', ['b']), note('b', ['a']), note('c', ['d']), note('d', ['c'])],
      [
        `${at('on_booked', 0, 'after')}: comes after itself: a → b → a; take one of these out of \`after\``,
        `${at('on_booked', 2, 'after')}: comes after itself: c → d → c; take one of these out of \`after\``,
      ],
    ],
    [
      'a name that nobody has',
      [note('project'), note('b', ['projct'])],
      [`${at('on_booked', 1, 'after[0]')}: there is no step projct in on_booked; did you mean project?`],
    ],
  ])('is refused with %s', (_what, steps, faults) => {
    expect(faultsOf({ on_booked: steps })).toEqual(faults);
  });

  it('is that of one list', () => {
    const before = faultsOf({ on_won: [note('a')], on_booked: [note('b', ['a'])] });
    expect(before).toEqual([
      `${at('on_booked', 0, 'after[0]')}: a is a step of on_won, which has run before this list begins; take it out`,
    ]);
    const later = faultsOf({ on_won: [note('a', ['b'])], on_booked: [note('b')] });
    expect(later[0]).toContain('only steps of the same list can be waited for');
  });

  it('is looked at in recovery’s lists too, whose ids are their own', () => {
    expect(faultsOf({ on_booked: [note('a', ['b']), note('b', ['a'])] }, {}, 'recovery')).toEqual([
      'recovery.steps.on_booked[0].after: comes after itself: a → b → a; take one of these out of `after`',
    ]);
    expect(faultsOf({ on_booked: [note('a')] }, { recovery: { steps: { on_booked: [note('a')] } } })).toEqual([]);
    expect(faultsOf({ on_requested: [note('a')], on_booked: [note('a')] }, {}, 'recovery')).toEqual([
      'recovery.steps.on_booked[0].id: a is the id of recovery.steps.on_requested[0] already; every step needs its own',
    ]);
  });
});

describe('a workstream’s own lists', () => {
  const stream = (lists: object) => ({ workstreams: { data: { kickoff: { steps: lists } } } });

  it('are looked at together with the main ones that it keeps', () => {
    const main = { on_won: [note('a')], on_booked: [note('b', undefined, '{{steps.a.url}}')] };
    expect(faultsOf(main, stream({ on_won: [note('a')] }))).toEqual([]);
    const [gone] = faultsOf(main, stream({ on_won: [note('z')] }));
    expect(gone).toContain('in workstream data, {{steps.a.url}}: there is no step a');
    expect(faultsOf(main, stream({ on_booked: [note('c', ['d']), note('d', ['c'])] }))).toEqual([
      'workstreams.data.kickoff.steps.on_booked[0].after: comes after itself: c → d → c; take one of these out of `after`',
    ]);
  });

  it('need what their kinds need', () => {
    const mail = { id: 'm', kind: 'email', to: ['a@example.com'], subject: 's', text: 't' };
    writeFileSync(
      join(folder, 'kickoff.config.yaml'),
      JSON.stringify(stream({ on_won: [mail, { id: 'o', kind: 'own', use: 'k' }] })),
    );
    const load = () => loadConfig({ env: {}, cwd: folder, require: ['SMTP_URL'] });
    expect(load).toThrow('SMTP_URL: is not set');
    expect(load).toThrow('mail.from: is not set; workstreams.data.kickoff.steps.on_won[0] is an email step');
    expect(load).toThrow('workstreams.data.kickoff.steps.on_won[1].use: stepKinds names no file');
  });
});

describe('what a step’s texts name', () => {
  const text = (template: string) => faultsOf({ on_booked: [note('mine', undefined, template)] });

  it.each([
    '{{deal.account.name}} {{ deal.owner.email }} {{deal.contacts.0.email}}',
    '{{participants.email}} {{roles.champion.name}} {{sides.customer.email}} {{participantNames}}',
    '{{meeting.requestId}} {{meeting.timeframe.end}} {{organizer.name}} {{links.kickoff}} {{left}} {{needs}} {{reason}}',
    '{{escalation.to}} {{escalation.level}} {{manager}} {{vendor}} and a lone { or }} of it',
  ])('may be %s', (template) => {
    expect(text(template)).toEqual([]);
  });

  it.each([
    ['{{dael.name}}', 'these texts know no dael; did you mean deal?'],
    ['{{deal.acount.name}}', 'deal has no acount; did you mean account?'],
    ['{{deal.name.first}}', 'there is nothing below deal.name'],
    ['{{lead.email}}', 'these texts know no lead'],
    ['{{constructor}}', 'these texts know no constructor'],
    ['{{deal.__proto__}}', 'deal has no __proto__'],
    ['{{deal name}}', '{{deal name}} is no placeholder'],
    ['{{steps.nobody.url}}', 'there is no step nobody'],
    ['{{steps.mine.url}}', 'a step’s own result is not there before it has run'],
    ['{{steps.mine}}', 'of an earlier step there is steps.<id>.url, .detail and .ids.<name>'],
    ['{{result.ids.x}}', 'these texts know no result'],
  ])('may not be %s', (template, words) => {
    const faults = text(template);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(at('on_booked', 0, 'text'));
    expect(faults[0]).toContain(words);
  });

  it('is a lead and its form in a recovery', () => {
    const template = '{{lead.company}} {{form.answers}} {{form.answer.Budget}} {{form.submittedOn}}';
    expect(faultsOf({ on_booked: [note('a', undefined, template)] }, {}, 'recovery')).toEqual([]);
    expect(faultsOf({ on_booked: [note('a', undefined, '{{deal.name}}')] }, {}, 'recovery')[0]).toContain(
      'these texts know no deal',
    );
  });

  it('is looked for wherever a text may stand', () => {
    const faults = faultsOf(
      {
        on_booked: [
          {
            id: 'a',
            kind: 'http',
            url: 'https://x.example/{{deel.id}}',
            body: { list: [{ name: '{{dael.name}}' }] },
            undoWith: { url: 'https://x.example/{{result.ids.id}}', body: '{{resolt.ids.id}}' },
          },
          { id: 'b', kind: 'email', to: ['x@example.com', '{{organiser.email}}'], subject: 's', text: 't' },
          { id: 'c', kind: 'own', use: 'k', with: { deep: ['{{nobody}}'] } },
        ],
      },
      { mail: { from: 'a@example.com' }, stepKinds: ['k.mjs'] },
    );
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      at('on_booked', 0, 'url'),
      at('on_booked', 0, 'body.list[0].name'),
      at('on_booked', 0, 'undoWith.body'),
      at('on_booked', 1, 'to[1]'),
      at('on_booked', 2, 'with.deep[0]'),
    ]);
  });

  it('is looked for in title, purpose and description as well', () => {
    writeFileSync(
      join(folder, 'kickoff.config.yaml'),
      'kickoff:\n  title: "{{deal.acount.name}}"\n  purpose: "{{steps.a.url}}"\n',
    );
    expect(() => loadConfig({ env: {}, cwd: folder })).toThrow(/kickoff\.title: .*did you mean account\? .*line 2/);
    expect(() => loadConfig({ env: {}, cwd: folder })).toThrow(/kickoff\.purpose: .*know no steps/);
  });
});

describe('an earlier step’s result', () => {
  const uses = (id: string, other: string, after?: string[]) => note(id, after, `{{steps.${other}.ids.x}}`);

  it.each([
    ['beside it', { on_booked: [note('a'), uses('b', 'a')] }, 'a runs beside this step; add it to this step’s `after`'],
    ['after it', { on_booked: [uses('a', 'b'), note('b', ['a'])] }, 'b runs beside this step'],
    ['in a later list', { on_won: [uses('b', 'a')], on_booked: [note('a')] }, 'whose results on_won cannot count on'],
    [
      'in a list that repeats',
      { on_follow_up: [note('a')], on_booked: [uses('b', 'a')] },
      'a is a step of on_follow_up',
    ],
    [
      'in a list that comes when this one does not',
      { on_expired: [note('a')], on_cancelled: [uses('b', 'a')] },
      'on_expired',
    ],
  ])('is not there when that step runs %s', (_where, lists, words) => {
    const faults = faultsOf(lists);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(words);
  });

  it.each([
    ['right before it', { on_booked: [note('a'), uses('b', 'a', ['a'])] }],
    ['some steps before it', { on_booked: [uses('c', 'a', ['b']), note('b', ['a']), note('a')] }],
    ['in a list before', { on_won: [note('a')], on_requested: [uses('b', 'a')], on_booked: [uses('c', 'b')] }],
    ['before what fell through', { on_booked: [note('a')], on_cancelled: [uses('b', 'a')] }],
    ['under an id with a dash', { on_won: [note('a-b')], on_booked: [uses('c', 'a-b')] }],
  ])('is there when that step runs %s', (_where, lists) => {
    expect(faultsOf(lists)).toEqual([]);
  });
});

describe('what a kind needs', () => {
  const email = { id: 'm', kind: 'email', to: ['a@example.com'], subject: 's', text: 't' };

  it('is a sender for mail', () => {
    writeFileSync(join(folder, 'kickoff.config.yaml'), JSON.stringify({ kickoff: { steps: { on_won: [email] } } }));
    expect(() => loadConfig({ env: {}, cwd: folder })).toThrow(
      'mail.from: is not set; kickoff.steps.on_won[0] is an email step: say who sends, Name <address>',
    );
    expect(faultsOf({ on_won: [email] }, { mail: { from: 'nobody' } })).toEqual([
      'mail.from: must be an address, or Name <address>',
    ]);
    expect(faultsOf({ on_won: [email] }, { mail: { from: 'Chen, Sarah <us@example.com>' } })).toEqual([
      'mail.from: must be one address, its name without , and ;',
    ]);
    expect(faultsOf({ on_won: [email] }, { mail: { from: 'Us <us@example.com>' } })).toEqual([]);
  });

  it('is a secret from the environment, asked for only when a step of it is there', () => {
    const require = ['SLACK_BOT_TOKEN', 'SMTP_URL', 'LINEAR_API_KEY'] as const;
    expect(faultsOf({})).toEqual([]);
    expect(loadConfig({ env: {}, cwd: folder, require }).stepKinds).toEqual([]);
    const steps = [
      email,
      { id: 's', kind: 'slack_message', channel: 'C1', text: 't' },
      { id: 'l', kind: 'linear_project', team: 'T', name: 'n' },
    ];
    writeFileSync(
      join(folder, 'kickoff.config.yaml'),
      JSON.stringify({ recovery: { steps: { on_booked: steps } }, mail: { from: 'a@example.com' } }),
    );
    for (const name of require) {
      expect(() => loadConfig({ env: {}, cwd: folder, require })).toThrow(`${name}: is not set`);
    }
    const env = { SLACK_BOT_TOKEN: 'xoxb', SMTP_URL: 'smtp://u:pass%40word@h', LINEAR_API_KEY: 'lin_key' };
    expect(loadConfig({ env, cwd: folder, require }).secrets).toEqual(
      expect.arrayContaining(['xoxb', 'smtp://u:pass%40word@h', 'pass%40word', 'pass@word', 'lin_key']),
    );
  });

  it('is a file for a kind of one’s own', () => {
    expect(faultsOf({ on_won: [{ id: 'o', kind: 'own', use: 'k' }] })).toEqual([
      `${at('on_won', 0, 'use')}: stepKinds names no file; name the one that has this kind`,
    ]);
  });

  it('suggests the option that was meant, of the kinds’ one definition', () => {
    const [fault] = faultsOf({ on_won: [{ id: 'm', kind: 'slack', text: 'x', chanel: 'C1' }] });
    expect(fault).toBe(`${at('on_won', 0, 'chanel')}: is not an option; did you mean channel?`);
  });
});
