import { expect, it } from 'vitest';
import * as messages from '../../../workflows/messages.ts';
import { inPhase, kickoffOf, newDeal, type TestStack, winQuietly } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

async function wonDeal(stack: TestStack, changes: object = {}): Promise<string> {
  const dealId = await newDeal(stack, changes);
  await winQuietly(stack, dealId);
  return dealId;
}

/** Starts `dispatchKickoff` as the Temporal UI does: under an id of its own, with whatever was typed. */
async function dispatch(stack: TestStack, ...input: unknown[]): Promise<messages.DispatchResult> {
  return await stack.services.temporal.client.workflow.execute(messages.WORKFLOW_TYPES.dispatch, {
    workflowId: `by-hand-${crypto.randomUUID()}`,
    taskQueue: messages.KICKOFF_TASK_QUEUE,
    args: input,
  });
}

/** The sentence that a dispatch fails with; it is the workflow's own failure, so that the UI shows it at the top. */
async function refusal(stack: TestStack, ...input: unknown[]): Promise<string> {
  const error = await dispatch(stack, ...input).then(
    ({ message }) => new Error(`it was taken: ${message}`),
    (failure) => failure.cause,
  );
  return error.message;
}

const wholeDeal = (id: string) => ({
  id,
  crm: 'generic',
  name: 'Whole, Enterprise',
  account: { id: `account-${id}`, name: 'Whole Ltd' },
  isWon: true,
  owner: { email: 'jordan.lee@yourcompany.example' },
  contacts: [{ email: 'lead@whole.example', name: 'Lee Ad', labels: ['Champion'], timezone: 'Europe/Berlin' }],
});

describeStack('a dispatch by hand', (stack) => {
  it('a rehearsal shows whom it would invite, under which key, and writes nothing anywhere', async () => {
    const dealId = await wonDeal(stack());
    const before = await traces(stack());
    const { preview, ...rest } = await dispatch(stack(), { dealId, workstream: 'data', dryRun: true });
    expect(rest).toMatchObject({ started: false, workflowId: `kickoff:${dealId}:data` });
    expect(rest.message).toMatch(/^Would start: 4 people would be asked for a time between /);
    expect(preview).toMatchObject({
      key: expect.stringMatching(new RegExp(`^impl:${dealId}:kickoff:data:\\d{4}-\\d{2}-\\d{2}$`)),
      deal: { id: dealId, account: 'Acme Corp', isWon: true },
      organizer: { email: 'jordan.lee@yourcompany.example' },
      gaps: [{ severity: 'warn', code: 'missing_role' }],
    });
    expect(preview?.participants.map(({ email }) => email)).toContain('pat.kumar@acme-corp.example');
    expect(preview?.excluded.map(({ email }) => email)).toContain('sam.rivera@acme-corp.example');
    expect(preview).not.toHaveProperty('existing');
    expect(await traces(stack())).toEqual(before);
  });

  it('starts the kickoff; a second one joins it and says in which phase it is', async () => {
    const dealId = await wonDeal(stack());
    const workflowId = `kickoff:${dealId}`;
    expect(await dispatch(stack(), { dealId })).toEqual({
      workflowId,
      started: true,
      message: 'The kickoff of Acme Corp has started.',
    });
    await inPhase(stack(), dealId, 'scheduling');
    expect(await dispatch(stack(), { dealId })).toEqual({
      workflowId,
      started: false,
      message: `Deal ${dealId} has its kickoff already, and you have joined it: the kickoff of Acme Corp is in phase scheduling.`,
    });
    expect(await dispatch(stack(), { dealId, dryRun: true })).toMatchObject({
      message: 'Would join: the kickoff of Acme Corp is there already, in phase scheduling.',
      preview: {
        existing: { phase: 'scheduling', fellThrough: false, key: expect.stringContaining(`impl:${dealId}:`) },
      },
    });
  });

  it('what the rehearsal shows is what comes', async () => {
    const dealId = await wonDeal(stack());
    const { preview } = await dispatch(stack(), { dealId, dryRun: true });
    await dispatch(stack(), { dealId });
    const { request, participants, organizer } = await inPhase(stack(), dealId, 'scheduling');
    expect(preview).toMatchObject({ key: request?.key, timeframe: request?.timeframe, participants, organizer });
  });

  it('a rehearsal of a deal with nobody to invite says that it would wait, and why', async () => {
    const company = { id: '777111', name: 'Nobody Ltd', domain: 'nobody.example' };
    const dealId = await wonDeal(stack(), { company, contacts: [] });
    const { message } = await dispatch(stack(), { dealId, dryRun: true });
    expect(message).toMatch(/^Would start, and wait for a person at once: .*(nobody|participant|customer)/i);
  });

  it('one that fell through is begun again under the next revision’s key, as the rehearsal says', async () => {
    const dealId = await wonDeal(stack());
    await dispatch(stack(), { dealId });
    await inPhase(stack(), dealId, 'scheduling');
    await kickoffOf(stack(), dealId).executeUpdate(messages.cancel, { args: [{ reason: 'too early' }] });
    await kickoffOf(stack(), dealId).result();
    const { message, preview } = await dispatch(stack(), { dealId, dryRun: true });
    expect(message).toMatch(/^Would start again \(the one before is cancelled\): /);
    expect(preview?.key).toContain(`impl:${dealId}:kickoff:r2:`);
    expect(await dispatch(stack(), { dealId })).toMatchObject({ started: true, workflowId: `kickoff:${dealId}` });
    expect((await inPhase(stack(), dealId, 'scheduling')).request?.key).toBe(preview?.key);
  });

  it('a deal that is not won is started by whoever means it, and they are told', async () => {
    const dealId = await newDeal(stack());
    const sentence = / The deal is not won: it is at stage contractsent\.$/;
    expect((await dispatch(stack(), { dealId, dryRun: true })).message).toMatch(sentence);
    const { started, message } = await dispatch(stack(), { dealId });
    expect(started).toBe(true);
    expect(message).toMatch(sentence);
    expect(await dispatch(stack(), { dealId })).toMatchObject({
      started: false,
      message: expect.stringContaining('joined'),
    });
  });

  it('a whole deal needs no CRM that could be asked', async () => {
    const deal = wholeDeal(`whole-${crypto.randomUUID()}`);
    const { preview } = await dispatch(stack(), { deal, dryRun: true });
    expect(preview?.participants).toMatchObject([{ email: 'lead@whole.example', timezone: 'Europe/Berlin' }]);
    expect(await dispatch(stack(), { deal })).toMatchObject({ started: true, workflowId: `kickoff:${deal.id}` });
    expect((await inPhase(stack(), deal.id, 'scheduling')).account).toBe('Whole Ltd');
  });

  it('an account with the longest of names, in letters of three bytes, starts all the same', async () => {
    const deal = wholeDeal(`long-${crypto.randomUUID()}`);
    const account = { id: `account-${deal.id}`, name: '株'.repeat(3000) };
    expect(await dispatch(stack(), { deal: { ...deal, account } })).toMatchObject({ started: true });
    expect((await inPhase(stack(), deal.id, 'scheduling')).account).toBe(account.name);
  });

  it.each<[string, unknown[], RegExp]>([
    ['nothing', [], /^The input is not right:\n- input: is missing;/],
    ['null', [null], /- input: must be an object in \{ \}, not null\n/],
    ['a list', [[1]], /- input: must be an object in \{ \}, not a list\n/],
    [
      'several wrong fields',
      [{ dealId: '', crm: 'fax' }],
      /- dealId: must not be empty\n- crm: must be one of .*\nA right one, for a deal of the CRM: \{"dealId"/,
    ],
    [
      'a wrong field in a rehearsal',
      [{ dealid: '5', dryRun: true }],
      /- input: "dealid" unknown here; known are dealId/,
    ],
    [
      'an unknown deal',
      [{ dealId: '404404' }],
      /^There is no deal 404404 in hubspot, or its access token may not see it\./,
    ],
    [
      'a CRM that is not configured',
      [{ dealId: '5', crm: 'pipedrive' }],
      /- crm: pipedrive is not configured here; configured: /,
    ],
    [
      'a whole deal of a CRM that is not configured',
      [{ deal: { ...wholeDeal('5'), crm: 'salesforce' } }],
      /- deal\.crm: salesforce is not configured here/,
    ],
    ['a deal of a system without an API, by its id', [{ dealId: '5', crm: 'generic' }], /Send the whole deal/],
  ])('%s fails at once, in words', async (_name, input, words) => {
    expect(await refusal(stack(), ...input)).toMatch(words);
  });

  it('summaries say what each activity does, and hold nobody’s name or address', async () => {
    const dealId = await wonDeal(stack());
    await dispatch(stack(), { dealId });
    const known = await inPhase(stack(), dealId, 'scheduling');
    const kickoff = kickoffOf(stack(), dealId);
    await kickoff.executeUpdate(messages.pause);
    const summaries = await summariesOf(stack(), `kickoff:${dealId}`);
    expect(summaries).toEqual(
      expect.arrayContaining([
        `Who takes part in the kickoff of deal ${dealId}`,
        `SkipUp: create the request ${known.request?.key}`,
        `SkipUp: pause the request ${known.request?.id}`,
        expect.stringMatching(/^Step \w+ \(crm_status\)$/),
      ]),
    );
    const people = known.participants.flatMap(({ email, name }) => [email, name ?? email]);
    for (const told of people) expect(summaries.join('\n')).not.toContain(told);
  });
});

/** How much there is in the ledger, and the calls to SkipUp, CRM and Slack that change something. */
async function traces({ services, control }: TestStack): Promise<object> {
  const tables = ['kickoffs', 'meeting_requests', 'steps', 'inbox'] as const;
  const rows = await Promise.all(
    tables.map((table) =>
      services.database.db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .execute(),
    ),
  );
  const { entries } = await control<{ entries: { method: string; path: string }[] }>('GET', '/journal?type=api');
  const changes = entries.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/read'));
  return { rows, changes };
}

async function summariesOf(stack: TestStack, workflowId: string): Promise<string[]> {
  const { events } = await stack.services.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? [])
    .map((event) => event.userMetadata?.summary?.data)
    .filter((data) => data != null)
    .map((data) => String(JSON.parse(Buffer.from(data).toString('utf8'))));
}
