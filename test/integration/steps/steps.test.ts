import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadOwnKinds } from '../../../activities/steps/load-own-kinds.ts';
import type { OwnStepKind } from '../../../activities/steps/own-kind.ts';
import { type Database, listSteps, migrate, openDatabase, optOut } from '../../../database/index.ts';
import type { Stakeholder } from '../../../registry/model.ts';
import { writeStakeholders } from '../../../registry/store.ts';
import { MailServer } from '../../harness/mail-server.ts';
import { FakeSlack } from '../../harness/slack-web-api.ts';
import { facts, failureOf, quietly, stepInput, stepsWith } from './running.ts';

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
  await migrate(database);
});
afterAll(() => database.close());

/** The step's row in the ledger. */
async function row(input: { workflowId: string }) {
  const [found] = await listSteps(database.db, input.workflowId);
  return found;
}

describe('a slack_message step', () => {
  const slack = new FakeSlack();
  const dependencies = () => ({
    database,
    crms: {},
    slackBotToken: slack.token,
    slackBaseUrl: slack.url,
    secrets: [slack.token],
  });
  const { run, undo } = {
    run: (...args: Parameters<ReturnType<typeof stepsWith>['run']>) => stepsWith(dependencies()).run(...args),
    undo: (...args: Parameters<ReturnType<typeof stepsWith>['undo']>) => stepsWith(dependencies()).undo(...args),
  };
  const message = (more: object = {}) =>
    stepInput({ kind: 'slack_message', channel: 'C1', text: '<@U7>: {{deal.name}} is booked', ...more });
  beforeAll(() => slack.start());
  afterAll(() => slack.stop());
  beforeEach(() => slack.forget());

  it('posts, and keeps where the message is', async () => {
    const outcome = await run(message());
    const [posted] = slack.messages;
    expect(posted).toMatchObject({ channel: 'C1', text: '<@U7>: Acme Corp – Enterprise is booked' });
    expect(outcome).toEqual({
      detail: 'Slack message: <@U7>: Acme Corp – Enterprise is booked',
      ids: { ts: posted?.ts, channel: 'C1' },
      url: `https://acme.slack.example/archives/C1/p${posted?.ts}`,
    });
  });

  it('takes the text’s own markup and none of what is filled in', async () => {
    const input = message();
    await run({ ...input, facts: { ...facts, deal: { ...dealOf(), name: '<!channel> A & B' } } });
    expect(slack.messages[0]?.text).toBe('<@U7>: &lt;!channel&gt; A &amp; B is booked');
  });

  it.each([
    ['before the call', { lost: 'before' as const }, 1],
    ['after it, before the answer', { lost: 'after' as const }, 0],
  ])('that is cut off %s is there once', async (_when, fault, postsAgain) => {
    slack.next('chat.postMessage', fault);
    const input = message();
    expect(await failureOf(run(input))).toMatchObject({ type: 'Slack.unreachable', nonRetryable: false });
    const outcome = await run(input);
    expect(slack.messages).toHaveLength(1);
    expect(outcome.ids).toEqual({ ts: slack.messages[0]?.ts, channel: 'C1' });
    expect(outcome.detail).toBe('Slack message: <@U7>: Acme Corp – Enterprise is booked');
    expect(slack.calls.filter((method) => method === 'chat.postMessage')).toHaveLength(1 + postsAgain);
  });

  it('whose worker is ended while Slack works on it is there once', async () => {
    let release: () => void = () => undefined;
    slack.next('chat.postMessage', {
      heldUntil: new Promise<void>((resolve) => {
        release = resolve;
      }),
    });
    const input = message();
    const environment = quietly();
    const ended = expect(run(input, environment)).rejects.toThrow(CancelledFailure);
    await vi.waitFor(() => expect(slack.calls).toContain('chat.postMessage'));
    environment.cancel();
    await ended;
    release();
    await vi.waitFor(() => expect(slack.messages).toHaveLength(1));
    await run(input);
    expect(slack.messages).toHaveLength(1);
  });

  it('is found behind a page of other messages, in a thread, and with a user', async () => {
    for (const [channel, thread] of [
      ['C1', undefined],
      ['C1', '1700000000.000001'],
      ['U5', undefined],
    ] as const) {
      slack.forget();
      slack.next('chat.postMessage', { lost: 'after' });
      const input = message({ channel, ...(thread && { thread }) });
      await failureOf(run(input));
      const [ours] = slack.messages;
      const later = Math.floor(Date.now() / 1000) + 5;
      for (let index = 0; index < 250; index += 1) {
        slack.messages.push({
          channel: ours?.channel ?? '',
          text: 'other',
          ts: `${later}.${index}`,
          ...(thread && { thread }),
        });
      }
      expect((await run(input)).ids.ts).toBe(ours?.ts);
      expect(slack.messages).toHaveLength(251);
    }
  });

  it('is posted again where the app may not read the channel, and says so', async () => {
    slack.next('chat.postMessage', { lost: 'after' });
    slack.next('conversations.history', { error: 'missing_scope' });
    const input = message();
    await failureOf(run(input));
    expect((await run(input)).detail).toMatch(/it may be there twice: .*missing_scope/);
    expect(slack.messages).toHaveLength(2);
  });

  it('is not posted while the look-up is put off', async () => {
    slack.next('chat.postMessage', { lost: 'after' });
    slack.next('conversations.history', { status: 429, retryAfter: 30 });
    const input = message();
    await failureOf(run(input));
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: false, nextRetryDelay: '30 s' });
    expect(slack.messages).toHaveLength(1);
  });

  it.each([
    ['not_in_channel', true, 'Invite it there'],
    ['channel_not_found', true, 'Give the channel’s id'],
    ['is_archived', true, 'is archived'],
    ['invalid_auth', true, 'Correct SLACK_BOT_TOKEN'],
    ['missing_scope', true, 'chat:write'],
    ['msg_too_long', true, 'Slack refused: msg_too_long'],
    ['internal_error', false, 'internal_error'],
  ])('says what to do about %s', async (error, final, words) => {
    slack.next('chat.postMessage', { error });
    const input = message();
    expect(await failureOf(run(input))).toMatchObject({
      nonRetryable: final,
      message: expect.stringContaining(words),
      type: `Slack.${error}`,
    });
    expect(await row(input)).toMatchObject({ status: 'failed', error: expect.stringContaining(words) });
  });

  it('waits as long as Slack asks, and repeats what a server’s fault cut off', async () => {
    slack.next('chat.postMessage', { status: 429, retryAfter: 12 }, { status: 503 }, { status: 403 });
    const input = message();
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: false, nextRetryDelay: '12 s' });
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: false, message: 'Slack answered 503.' });
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: true, message: 'Slack answered 403.' });
  });

  it('never shows its token', async () => {
    const { run: runElsewhere } = stepsWith({ ...dependencies(), slackBaseUrl: `http://${slack.token}.invalid/` });
    const input = message();
    const failure = await failureOf(runElsewhere(input));
    expect(failure.message).toContain('[secret]');
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure.cause)}`).not.toContain(slack.token);
    expect((await row(input))?.error).not.toContain(slack.token);
  });

  it('says what is missing: a token, or a channel', async () => {
    const without = stepsWith({ database, crms: {} });
    expect((await failureOf(without.run(message()))).message).toBe('No Slack app is configured. Set SLACK_BOT_TOKEN.');
    const failure = await failureOf(run(message({ channel: '{{steps.none.ids.channel}}' })));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('comes to nothing') });
  });

  it('is struck through when the meeting falls through, however often that is said', async () => {
    const input = message({ text: 'Booked: {{deal.name}}\n\nSee you there' });
    const outcome = await run(input);
    const off = { ...input, facts: { ...facts, reason: 'Acme <has> cancelled' } };
    expect(await undo(off, outcome)).toMatchObject({ state: 'undone' });
    expect(await undo(off, outcome)).toMatchObject({ state: 'undone' });
    expect(slack.messages[0]?.text).toBe(
      '~Booked: Acme Corp – Enterprise~\n\n~See you there~\n*Called off*: Acme &lt;has&gt; cancelled',
    );
    expect(slack.calls.filter((method) => method === 'chat.update')).toHaveLength(1);
  });

  it('that was stopped is looked for, and struck through where it got through', async () => {
    const nothing = { detail: '', ids: {} };
    const [through, not, unknown, unbegun] = [message(), message(), message(), message()];
    slack.next('chat.postMessage', { lost: 'after' }, { lost: 'before' }, { lost: 'before' });
    for (const input of [through, not, unknown]) await failureOf(run(input));
    expect(await undo(through, nothing, { stopped: true })).toMatchObject({ state: 'undone' });
    expect(slack.messages.map(({ text }) => text)).toEqual([expect.stringContaining('*Called off*')]);
    expect(await undo(not, nothing, { stopped: true })).toEqual({
      state: 'undone',
      detail: 'The Slack message was not posted.',
    });
    slack.next('conversations.history', { error: 'missing_scope' });
    expect(await undo(unknown, nothing, { stopped: true })).toMatchObject({ state: 'left' });
    expect(await row(unknown)).toMatchObject({ status: 'left', error: expect.stringContaining('look whether') });
    expect(await undo(unbegun, nothing, { stopped: true })).toEqual({ state: 'undone', detail: 'It had not begun.' });
  });

  it('that was deleted is undone; one that Slack lets nobody change is left; a busy Slack is asked again', async () => {
    const [deleted, closed] = [message(), message()];
    const outcome = await run(deleted);
    slack.messages.length = 0;
    expect(await undo(deleted, outcome)).toEqual({ state: 'undone', detail: 'The Slack message was deleted.' });

    const kept = await run(closed);
    slack.next('chat.update', { status: 503 }, { error: 'edit_window_closed' });
    expect(await failureOf(undo(closed, kept))).toMatchObject({ nonRetryable: false });
    expect(await row(closed)).toMatchObject({ status: 'done' });
    expect(await undo(closed, kept)).toMatchObject({
      state: 'left',
      detail: expect.stringContaining('edit_window_closed'),
    });
    expect(await row(closed)).toMatchObject({ status: 'left', error: expect.stringContaining('could not be changed') });
  });
});

function dealOf() {
  if (facts.deal === undefined) throw new Error('the facts have no deal');
  return facts.deal;
}

describe('a CRM step of a lead that no CRM has', () => {
  const lead = { id: 'x1', crm: 'generic', email: 'robin@nowhere.example', optedOut: false } as const;
  const { deal: _deal, ...others } = facts;
  it.each([
    [{ kind: 'crm_status', status: 'Asked' }, 'the status “Asked” is written nowhere'],
    [{ kind: 'crm_note', text: 'Asked' }, 'the note is written nowhere'],
    [{ kind: 'crm_task', subject: 'Call' }, 'the task “Call” is made nowhere'],
  ])('%j says so, and leaves nothing to take back', async (step, words) => {
    const { run, undo } = stepsWith({ database, crms: {} });
    const input = stepInput(step, { facts: { ...others, lead } });
    const outcome = await run(input);
    expect(outcome).toEqual({ detail: `No CRM has this lead: ${words}`, ids: {} });
    expect(await undo(input, outcome)).toEqual({ state: 'undone', detail: 'There is nothing to take back.' });
    // Another CRM that is not there is somebody's mistake.
    const missing = stepInput(step, { facts: { ...others, lead: { ...lead, crm: 'hubspot' } } });
    expect(await failureOf(run(missing))).toMatchObject({ nonRetryable: true, type: 'Configuration' });
  });
});

describe('an email step', () => {
  const server = new MailServer();
  const { run, undo } = {
    run: (...args: Parameters<ReturnType<typeof stepsWith>['run']>) => withMail().run(...args),
    undo: (...args: Parameters<ReturnType<typeof stepsWith>['undo']>) => withMail().undo(...args),
  };
  const withMail = (smtpUrl = server.url) =>
    stepsWith({
      database,
      crms: {},
      smtpUrl,
      mailFrom: 'Onboarding <onboarding@vendor.example>',
      secrets: [smtpUrl, server.password],
    });
  const mail = (more: object = {}) =>
    stepInput({
      kind: 'email',
      to: ['{{participants.email}}'],
      subject: 'Welcome, {{deal.name}}',
      text: 'Request {{meeting.requestId}}',
      ...more,
    });
  const header = (raw: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(raw)?.[1]?.trim();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  afterEach(() => server.forget());

  it('sends, and keeps the message’s id', async () => {
    const outcome = await run(
      mail({ cc: ['"Lee, Jordan" <{{organizer.email}}>'.replace('Lee, ', '')], replyTo: '{{organizer.email}}' }),
    );
    const [{ raw, to } = { raw: '', to: [] }] = server.taken;
    expect(to).toEqual(['jamie.chen@acme-corp.example', 'jordan.lee@yourcompany.example']);
    expect(header(raw, 'From')).toBe('Onboarding <onboarding@vendor.example>');
    expect(header(raw, 'Cc')).toBe('Jordan <jordan.lee@yourcompany.example>');
    expect(header(raw, 'Reply-To')).toBe('jordan.lee@yourcompany.example');
    expect(raw).toContain('Request mr_1');
    expect(outcome.ids.messageId).toBe(header(raw, 'Message-ID'));
    expect(outcome.ids.messageId).toMatch(/^<[0-9a-f]{32}\.kickoff@vendor\.example>$/);
    expect(outcome.detail).toContain('to jamie.chen@acme-corp.example, jordan.lee@yourcompany.example');
  });

  it('lets nothing that is filled in begin a header', async () => {
    const input = mail({ subject: '{{deal.name}}', text: 'x' });
    const name = 'Acme\r\nBcc: eve@example.com\r\n\r\nBody';
    await run({ ...input, facts: { ...facts, deal: { ...dealOf(), name } } });
    const [{ raw, to } = { raw: '', to: [] }] = server.taken;
    expect(header(raw, 'Subject')).toBe('Acme Bcc: eve@example.com Body');
    expect(raw).not.toMatch(/^Bcc:/im);
    expect(to).toEqual(['jamie.chen@acme-corp.example']);

    const people = [{ ...participant(), email: 'a@example.com\r\nBcc: eve@example.com' }];
    const failure = await failureOf(run({ ...mail(), facts: { ...facts, participants: people } }));
    expect(failure).toMatchObject({ nonRetryable: true, type: 'Email.address' });
    expect(server.taken).toHaveLength(1);
  });

  it.each([
    ['{{deal.name}}', '"Acme Corp – Enterprise" is no e-mail address'],
    ['{{roles.billing.email}}', 'nobody to send this mail to'],
    ['a@b', '"a@b" is no e-mail address'],
  ])('to %s says what is wrong', async (to, words) => {
    const failure = await failureOf(run(mail({ to: [to] })));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining(words) });
  });

  it('goes to each address once, and to nobody who has opted out', async () => {
    const contacts = [{ email: 'Out@Acme.example', labels: [], isPrimary: false, optedOut: true }];
    const told = { ...facts, deal: { ...dealOf(), contacts } };
    const to = ['a@acme.example, A@acme.example; out@acme.example', 'b@acme.example'];
    await run({ ...mail({ to, cc: ['b@acme.example'] }), facts: told });
    expect(server.taken[0]?.to).toEqual(['A@acme.example', 'b@acme.example']);
    const failure = await failureOf(run({ ...mail({ to: ['out@acme.example'] }), facts: told }));
    expect(failure).toMatchObject({ nonRetryable: true, type: 'Email.nobody' });
  });

  it('goes to nobody who has opted out since the kickoff began, whatever its facts say', async () => {
    await optOut(database.db, { email: 'Since@Acme.example', reason: 'asked', recordedBy: 'jordan' });
    const after: Stakeholder = {
      ...{ accountId: '501', email: 'theirs@acme.example', side: 'customer', roles: [], attendance: {} },
      ...{ optedOut: true, source: 'manual' },
    };
    await writeStakeholders(database.db, [{ after }], { by: 'jordan', source: 'test' });
    await run(mail({ to: ['a@acme.example', 'SINCE@acme.example'], cc: ['Theirs@acme.example'] }));
    expect(server.taken[0]?.to).toEqual(['a@acme.example']);
    const failure = await failureOf(run(mail({ to: ['since@acme.example'] })));
    expect(failure).toMatchObject({ nonRetryable: true, type: 'Email.nobody' });
  });

  it('goes to nobody among the opt-outs, whatever the facts say of them, and says who was left out', async () => {
    await optOut(database.db, { email: 'never@acme.example', reason: 'asked us to', recordedBy: 'kim' });
    const to = ['Never@Acme.example', 'a@acme.example'];
    const { detail } = await run(mail({ to, cc: ['never@acme.example', 'b@acme.example'] }));
    expect(server.taken.map((message) => message.to)).toEqual([['a@acme.example', 'b@acme.example']]);
    expect(server.taken[0]?.raw.toLowerCase()).not.toContain('never@acme.example');
    expect(detail).toContain(
      'to a@acme.example, b@acme.example; left out, because they want no mail: never@acme.example',
    );
    const failure = await failureOf(run(mail({ to: ['never@acme.example'], cc: ['b@acme.example'] })));
    expect(failure).toMatchObject({ nonRetryable: true, type: 'Email.nobody' });
    expect(server.taken).toHaveLength(1);
  });

  it.each([
    ['450 4.2.0 greylisted', false],
    ['550 5.1.1 no such user', true],
  ])('that is answered with %s', async (answer, final) => {
    server.refusals.set('jamie.chen@acme-corp.example', answer);
    const failure = await failureOf(run(mail()));
    expect(failure).toMatchObject({ nonRetryable: final, message: expect.stringContaining(answer.slice(0, 3)) });
    expect(server.taken).toEqual([]);
  });

  it('that some addresses refuse is sent to the others, and says so', async () => {
    server.refusals.set('gone@acme.example', '550 no such user');
    const { detail } = await run(mail({ to: ['a@acme.example', 'gone@acme.example'] }));
    expect(server.taken[0]?.to).toEqual(['a@acme.example']);
    expect(detail).toMatch(/refused: gone@acme\.example \(550 .*no such user\)/);
  });

  it('says that the password is wrong, and does not show it', async () => {
    const wrong = 'the-wrong-p%40ssword';
    const smtpUrl = server.url.replace(server.password, wrong);
    const steps = stepsWith({
      database,
      crms: {},
      smtpUrl,
      mailFrom: 'onboarding@vendor.example',
      secrets: [smtpUrl, wrong, 'the-wrong-p@ssword'],
    });
    const input = mail();
    const failure = await failureOf(steps.run(input));
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('Correct the user and password'),
    });
    const all = `${failure.message} ${failure.stack} ${String(failure.cause)} ${(await row(input))?.error}`;
    expect(all).toContain('[secret]');
    expect(all).not.toMatch(/the-wrong-p(?:%40|@)ssword/);
  });

  it('waits for a server that cannot be reached', async () => {
    const unused = createServer();
    await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve));
    const { port } = unused.address() as AddressInfo;
    await new Promise<void>((resolve) => unused.close(() => resolve()));
    expect(await failureOf(withMail(`smtp://127.0.0.1:${port}`).run(mail()))).toMatchObject({ nonRetryable: false });
  });

  it('that is cut off before the message is taken comes once', async () => {
    server.onRecipient = (drop) => {
      server.onRecipient = () => undefined;
      drop();
    };
    const input = mail();
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: false });
    await run(input);
    expect(server.taken).toHaveLength(1);
  });

  it('whose worker is ended while the server thinks comes once', async () => {
    let asked = false;
    const environment = quietly();
    server.onRecipient = () => {
      server.onRecipient = () => undefined;
      asked = true;
      environment.cancel();
    };
    const input = mail();
    await expect(run(input, environment)).rejects.toThrow(CancelledFailure);
    expect(asked).toBe(true);
    await run(input);
    expect(server.taken).toHaveLength(1);
  });

  it('whose acknowledgement is lost comes twice, under one id', async () => {
    server.onTaken = (drop) => {
      server.onTaken = () => undefined;
      drop();
    };
    const input = mail();
    expect(await failureOf(run(input))).toMatchObject({ nonRetryable: false });
    await run(input);
    const ids = server.taken.map(({ raw }) => header(raw, 'Message-ID'));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    const other = await run(mail());
    expect(ids).not.toContain(other.ids.messageId);
  });

  it('cannot be taken back, and says so', async () => {
    const input = mail();
    const outcome = await run(input);
    expect(await undo(input, outcome)).toEqual({
      state: 'left',
      detail: `${outcome.detail} (sent mail cannot be taken back)`,
    });
  });

  it('says what is missing', async () => {
    const without = await failureOf(stepsWith({ database, crms: {} }).run(mail()));
    expect(without).toMatchObject({ nonRetryable: true, message: 'No mail is configured. Set SMTP_URL.' });
    const unsigned = await failureOf(stepsWith({ database, crms: {}, smtpUrl: server.url }).run(mail()));
    expect(unsigned.message).toBe('No mail is configured. Set mail.from.');
  });
});

function participant() {
  const [first] = facts.participants;
  if (first === undefined) throw new Error('the facts have no participant');
  return first;
}

describe('a step of one’s own kind', () => {
  const own = (kind: OwnStepKind) => stepsWith({ database, crms: {}, ownKinds: new Map([[kind.name, kind]]) });
  const step = (more: object = {}) =>
    stepInput({
      kind: 'own',
      use: 'mine',
      with: { account: '{{deal.account.name}}', list: ['{{vendor}}', 1] },
      ...more,
    });

  it('is given its options filled in, and the same marker at each attempt', async () => {
    const seen: unknown[] = [];
    const steps = own({
      name: 'mine',
      run: async ({ options, marker, attempt }) => {
        seen.push({ options, marker, attempt });
        if (attempt === 1) throw new Error('the first time');
        return { detail: 'done', ids: { number: 7 }, url: 'https://example.com/7' };
      },
    });
    const input = step();
    expect(await failureOf(steps.run(input))).toMatchObject({ message: 'mine: the first time', nonRetryable: false });
    expect(await steps.run(input)).toEqual({ detail: 'done', ids: { number: '7' }, url: 'https://example.com/7' });
    expect(await steps.run(input)).toMatchObject({ detail: 'done' });
    const options = { account: 'Acme Corp', list: ['YourCompany', 1] };
    const marker = `${input.workflowId}/r1/on_booked/1/it`;
    expect(seen).toEqual([1, 2].map((attempt) => ({ options, marker, attempt })));
  });

  it('says by its error whether a repetition helps, and when', async () => {
    const failing = (error: unknown) => own({ name: 'mine', run: () => Promise.reject(error) });
    const final = Object.assign(new Error('no'), { retryable: false });
    const later = Object.assign(new Error('busy'), { retryAfterSeconds: 9 });
    expect(await failureOf(failing(final).run(step()))).toMatchObject({ nonRetryable: true, type: 'Own.mine' });
    expect(await failureOf(failing(later).run(step()))).toMatchObject({ nonRetryable: false, nextRetryDelay: 9000 });
    expect(await failureOf(failing('just words').run(step()))).toMatchObject({ message: 'mine: just words' });
  });

  it.each([
    ['nothing', undefined],
    ['no sentence', { detail: '' }],
    ['a link that is none', { detail: 'x', url: 'javascript:alert(1)' }],
    ['ids with odd names', { detail: 'x', ids: { __proto__x: '1', 'a b': '2' } }],
  ])('that returns %s is not run again by itself', async (_what, result) => {
    const steps = own({ name: 'mine', run: async () => JSON.parse(JSON.stringify(result ?? null)) });
    const failure = await failureOf(steps.run(step()));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('The step has run') });
  });

  it('whose file this worker has not loaded says so', async () => {
    const failure = await failureOf(stepsWith({ database, crms: {} }).run(step()));
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('No kind of step is called mine'),
    });
  });

  it('undoes what it can, once', async () => {
    let undone = 0;
    const steps = own({
      name: 'mine',
      run: async () => ({ detail: 'made 7', ids: { id: '7' } }),
      undo: async ({ result }) => {
        undone += 1;
        return `took back ${result.ids?.id}`;
      },
    });
    const input = step();
    const outcome = await steps.run(input);
    expect(await steps.undo(input, outcome)).toEqual({ state: 'undone', detail: 'took back 7' });
    expect(await steps.undo(input, outcome)).toEqual({ state: 'undone', detail: 'took back 7' });
    expect(undone).toBe(1);
    const unable = own({ name: 'mine', run: async () => ({ detail: 'made 8' }) });
    const other = step();
    expect(await unable.undo(other, await unable.run(other))).toEqual({ state: 'left', detail: 'made 8' });
  });
});

describe('the example of a kind of one’s own', () => {
  const file = fileURLToPath(new URL('../../../examples/step-kinds/webhook.mjs', import.meta.url));
  const calls: { method: string; key: unknown; body: string }[] = [];
  let answers: (number | 'lost')[] = [];
  let server: Server;
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString('utf8');
      calls.push({ method: request.method ?? '', key: request.headers['idempotency-key'], body });
      const answer = answers.shift() ?? 200;
      if (answer === 'lost') response.destroy();
      else response.writeHead(answer, { 'content-type': 'application/json' }).end('{"id":"w_1"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  afterEach(() => {
    calls.length = 0;
    answers = [];
  });

  it('posts under one key however often, takes back, and repeats only what may mend itself', async () => {
    const { kinds, faults } = await loadOwnKinds([{ named: 'webhook.mjs', path: file }]);
    expect(faults).toEqual([]);
    const steps = stepsWith({ database, crms: {}, ownKinds: kinds });
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/hooks`;
    const input = stepInput({ kind: 'own', use: 'webhook', with: { url, account: '{{deal.account.name}}' } });
    answers = ['lost', 503, 200];
    expect(await failureOf(steps.run(input))).toMatchObject({ nonRetryable: false });
    expect(await failureOf(steps.run(input))).toMatchObject({ nonRetryable: false });
    const outcome = await steps.run(input);
    expect(outcome).toEqual({ detail: `Posted to 127.0.0.1:${port}`, ids: { id: 'w_1' } });
    expect(new Set(calls.map(({ key }) => key))).toEqual(new Set([`${input.workflowId}/r1/on_booked/1/it`]));
    expect(calls[0]?.body).toBe('{"account":"Acme Corp"}');
    expect(await steps.undo(input, outcome)).toMatchObject({ state: 'undone' });
    expect(calls.at(-1)?.method).toBe('DELETE');
    answers = [404];
    const gone = stepInput({ kind: 'own', use: 'webhook', with: { url } });
    expect(await failureOf(steps.run(gone))).toMatchObject({ nonRetryable: true });
  });

  it('is what the documentation and the example file name', () => {
    const example = readFileSync(new URL('../../../kickoff.config.example.yaml', import.meta.url), 'utf8');
    expect(example).toContain('stepKinds: [examples/step-kinds/webhook.mjs]');
  });
});

describe('a step in the ledger', () => {
  let ran = 0;
  const counting: OwnStepKind = {
    name: 'count',
    run: async () => ({ detail: `made ${++ran}` }),
    undo: async () => 'gone',
  };
  const steps = () => stepsWith({ database, crms: {}, ownKinds: new Map([['count', counting]]) });

  it('that is undone is not made again, and its next revision is', async () => {
    const input = stepInput({ kind: 'own', use: 'count' });
    const outcome = await steps().run(input);
    await steps().undo(input, outcome);
    expect(await row(input)).toMatchObject({ status: 'undone', error: 'gone', outcome: { detail: outcome.detail } });
    expect(await steps().run(input)).toEqual(outcome);
    expect(await row(input)).toMatchObject({ status: 'undone', error: 'gone' });
    const next = await steps().run({ ...input, revision: 2, occurrence: '2' });
    expect(next.detail).not.toBe(outcome.detail);
  });

  it('that was stopped is taken back by what its row says, and else looked after by a person', async () => {
    const nothing = { detail: '', ids: {} };
    const [through, cutOff] = [stepInput({ kind: 'own', use: 'count' }), stepInput({ kind: 'own', use: 'count' })];
    await steps().run(through);
    expect(await steps().undo(through, nothing, { stopped: true })).toEqual({ state: 'undone', detail: 'gone' });
    await beginBy(cutOff);
    const told = { state: 'left', detail: 'It was stopped while it ran: look whether it got through.' };
    expect(await steps().undo(cutOff, nothing, { stopped: true })).toEqual(told);
    expect(await row(cutOff)).toMatchObject({ status: 'left', error: told.detail });
    // An attempt that comes too late does not run.
    const before = ran;
    expect(await failureOf(steps().run(cutOff))).toMatchObject({ nonRetryable: true, type: 'Undone' });
    expect(ran).toBe(before);
  });

  it('whose child the workflow has ended itself is only noted', async () => {
    const input = stepInput({ kind: 'own', use: 'count' });
    const outcome = await steps().run(input);
    const undone = { state: 'left' as const, detail: 'The workflow had ended.' };
    expect(await steps().undo(input, outcome, { undone })).toEqual(undone);
    expect(await row(input)).toMatchObject({ status: 'left', error: undone.detail, outcome });
  });

  it('that a child workflow does is done, or failed, when the child has ended', async () => {
    const [good, bad] = [stepInput({ kind: 'own', use: 'count' }), stepInput({ kind: 'own', use: 'count' })];
    const child = { detail: 'Workflow moved', ids: { runId: 'r' } };
    await beginBy(good);
    await steps().settle(good, child);
    expect(await row(good)).toMatchObject({ status: 'done', outcome: child });
    await beginBy(bad);
    await steps().settle(bad, child, 'it failed: no disk');
    expect(await row(bad)).toMatchObject({ status: 'failed', error: 'it failed: no disk' });
  });

  /** A step that has been begun, and not finished: its child runs. */
  async function beginBy(input: ReturnType<typeof stepInput>) {
    const child = { workflowId: 'c', type: 't', taskQueue: 'q', input: null, until: 'ended' as const };
    const kind: OwnStepKind = { name: 'count', run: () => Promise.reject(new Error(JSON.stringify(child))) };
    await failureOf(stepsWith({ database, crms: {}, ownKinds: new Map([['count', kind]]) }).run(input));
  }
});
