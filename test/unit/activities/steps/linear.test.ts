import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../../activities/steps/kind.ts';
import { linearProjectKind } from '../../../../activities/steps/linear.ts';
import { stepSchema } from '../../../../config/policy.ts';
import { errorBody, fakeLinear, LINEAR_KEY } from '../../../harness/fake-linear.ts';
import { parseDocument } from '../../../harness/linear-schema.ts';
import { contextOf, FACTS, failureOf, MARKER } from './context-of.ts';

function stepOf(options: object = {}) {
  const step = stepSchema.parse({
    id: 'project',
    kind: 'linear_project',
    team: 'imp',
    name: 'Onboard {{deal.account.name}}',
    lead: 'sam@vendor.example',
    issues: [
      { title: 'Import data of {{deal.account.name}}', dueInDays: 5, assignee: 'sam@vendor.example' },
      {
        title: 'Train people',
        description: 'Request {{meeting.requestId}}',
        dueInDays: 30,
        assignee: 'gone@vendor.example',
      },
    ],
    ...options,
  });
  if (step.kind !== 'linear_project') throw new Error('another kind');
  return step;
}

async function linear(given: { apiKey?: string | undefined } = { apiKey: LINEAR_KEY }) {
  const server = await fakeLinear();
  const kind = linearProjectKind({ linear: { baseUrl: server.baseUrl, apiKey: given.apiKey } });
  const undo = async (context: StepContext = contextOf()) => {
    if (kind.undo === undefined) throw new Error('cannot undo');
    return await kind.undo(stepOf(), await kind.run(stepOf(), context), context);
  };
  return {
    server,
    kind,
    undo,
    run: (options: object = {}, context = contextOf()) => kind.run(stepOf(options), context),
  };
}

describe('a project at Linear', () => {
  it('is made with its issues in three requests, and says who is not known there', async () => {
    const { server, run } = await linear();
    const outcome = await run();
    const [project] = server.projects.values();
    const [first, second] = server.issues.values();
    expect(server.asked).toEqual(['Lookup', 'CreateProject', 'CreateIssues']);
    expect(project?.input).toEqual({
      id: project?.id,
      teamIds: ['9d3f2a60-94f5-4b7c-8f0e-6a5b4c3d2e1f'],
      name: 'Onboard Acme Corp',
      leadId: 'user-sam',
    });
    expect(first?.input).toMatchObject({
      title: 'Import data of Acme Corp',
      projectId: project?.id,
      assigneeId: 'user-sam',
      dueDate: '2026-02-15',
    });
    expect(second?.input).toMatchObject({ description: 'Request mr_1', dueDate: '2026-03-12' });
    expect(second?.input).not.toHaveProperty('assigneeId');
    expect(outcome).toEqual({
      detail: 'Linear project: Onboard Acme Corp, 2 issues; not known at Linear, so left out: gone@vendor.example',
      url: project?.url,
      ids: { projectId: project?.id, issue_1: 'IMP-1', issue_2: 'IMP-2' },
    });
  });

  it('takes a template and a team by its id, needs no issues, and asks for no people when none are named', async () => {
    const { server, run } = await linear();
    const outcome = await run({
      team: '9D3F2A60-94F5-4B7C-8F0E-6A5B4C3D2E1F'.toLowerCase(),
      template: 'b6f7',
      content: '# {{deal.name}}',
      description: `${'Long. '.repeat(40)}`,
      lead: '{{deal.owner.email}}',
      issues: [],
    });
    const [project] = server.projects.values();
    expect(project?.input).toMatchObject({ templateId: 'b6f7', content: '# Acme Corp – 12 months' });
    expect(project?.input).not.toHaveProperty('leadId');
    expect(outcome.ids).toEqual({ projectId: project?.id });
    expect(server.asked).toEqual(['Lookup', 'CreateProject']);
  });

  it.each([
    ['the booking, on the organizer’s day', FACTS, '2026-02-10'],
    ['the first attempt where nothing is booked', { ...FACTS, meeting: { followUps: 0 } }, '2026-02-10'],
    [
      'the same in UTC without an organizer',
      { ...FACTS, organizer: undefined, meeting: { followUps: 0 } },
      '2026-02-11',
    ],
    [
      'a booking near midnight in the organizer’s zone',
      { ...FACTS, meeting: { followUps: 0, bookedAt: '2026-02-10T03:00:00Z' } },
      '2026-02-09',
    ],
  ])('counts due dates from %s', async (_from, { organizer, ...facts }, expected) => {
    const { server, run } = await linear();
    const context = contextOf({ facts: { ...facts, ...(organizer === undefined ? {} : { organizer }) } });
    await run({ issues: [{ title: 'Now', dueInDays: 0 }] }, context);
    expect([...server.issues.values()].map((issue) => issue.input.dueDate)).toEqual([expected]);
  });
});

describe('after a crash', () => {
  it.each([
    ['before the look-up', 'Lookup', 'lost_before'],
    ['after the look-up', 'Lookup', 'lost_after'],
    ['before the project is made', 'CreateProject', 'lost_before'],
    ['after the project is made', 'CreateProject', 'lost_after'],
    ['before the issues are made', 'CreateIssues', 'lost_before'],
    ['after the issues are made', 'CreateIssues', 'lost_after'],
  ] as const)('%s a repetition makes exactly one project with its issues', async (_when, operation, fault) => {
    const { server, run } = await linear();
    server.strike(operation, fault);
    expect(await failureOf(run())).toMatchObject({ final: false, message: expect.stringMatching(/^Linear: /) });
    const outcome = await run();
    expect([server.projects.size, server.issues.size]).toEqual([1, 2]);
    expect(outcome.ids).toMatchObject({ issue_1: 'IMP-1', issue_2: 'IMP-2' });
    expect(await run()).toEqual(outcome);
  });

  it.each(['CreateProject', 'CreateIssues'])('a late attempt that comes before %s is found', async (operation) => {
    const { server, run } = await linear();
    server.strike(operation, 'after_its_twin');
    const outcome = await run();
    expect([server.projects.size, server.issues.size]).toEqual([1, 2]);
    expect(outcome.ids).toMatchObject({ projectId: [...server.projects.keys()][0], issue_2: 'IMP-2' });
  });

  it('issues that an earlier attempt could not make are made, the others are not made again', async () => {
    const { server, run } = await linear();
    await run({ issues: [{ title: 'One' }] });
    await run({ issues: [{ title: 'One' }, { title: 'Two' }] });
    expect([...server.issues.values()].map((issue) => issue.input.title)).toEqual(['One', 'Two']);
  });

  it('another step, or the same of another request, makes its own', async () => {
    const { server, run } = await linear();
    await run();
    await run({}, contextOf({ marker: MARKER.replace('/r1/', '/r2/') }));
    expect([server.projects.size, server.issues.size]).toEqual([2, 4]);
  });
});

describe('what Linear does not take', () => {
  const cases: [string, string, Parameters<typeof errorBody> | string, number, boolean, string][] = [
    ['a wrong key', 'Lookup', ['authentication error', 'X', 'Not authenticated'], 400, true, 'Correct LINEAR_API_KEY'],
    ['401 in plain text', 'Lookup', 'no', 401, true, 'Correct LINEAR_API_KEY'],
    ['no leave', 'CreateProject', ['forbidden', 'FORBIDDEN', 'No'], 200, true, 'Give it access to the team'],
    [
      'input at fault',
      'CreateProject',
      ['invalid input', 'INPUT_ERROR', 'name is too long'],
      200,
      true,
      'name is too long',
    ],
    [
      'a template that is not there',
      'CreateIssues',
      ['invalid input', 'X', 'no template'],
      400,
      true,
      'Correct the step',
    ],
    ['a plan that is full', 'CreateIssues', ['usage limit exceeded', 'X', 'Issue limit'], 400, true, 'Issue limit'],
    ['a wrong address', 'Lookup', 'not found', 404, true, '404'],
    ['an outage', 'Lookup', 'down', 503, false, '503'],
    ['an error of its own', 'CreateIssues', ['internal error', 'X', 'Oops'], 200, false, 'Oops'],
    ['an answer that is cut', 'Lookup', '{"data":', 200, false, 'Linear: '],
    ['an answer without what was asked', 'CreateProject', '{"data":{"projectCreate":null}}', 200, false, 'without'],
    [
      'what it has and does not show',
      'CreateProject',
      ['invalid input', 'X', 'conflict on insert of Project'],
      200,
      false,
      'yet',
    ],
  ];
  it.each(cases)('%s', async (_name, operation, answer, status, final, words) => {
    const { server, run } = await linear();
    server.strike(operation, { status, body: typeof answer === 'string' ? answer : errorBody(...answer) });
    const failure = await failureOf(run());
    expect(failure).toMatchObject({ final, message: expect.stringContaining(words) });
    expect(failure.all).not.toContain(LINEAR_KEY);
  });

  it.each([
    [
      'status 400 and a code',
      {
        status: 400,
        body: JSON.stringify({ errors: [{ message: 'Rate limit exceeded', extensions: { code: 'RATELIMITED' } }] }),
      },
      60_000,
    ],
    [
      'its type',
      { status: 400, body: errorBody('ratelimited', 'RATELIMITED', 'Slow'), headers: { 'retry-after': '17' } },
      17_000,
    ],
    ['429', { status: 429, body: 'slow', headers: { 'retry-after': '0' } }, 1_000],
    [
      'a reset far away',
      { status: 429, body: 'slow', headers: { 'x-ratelimit-requests-reset': '99999999999999' } },
      60_000,
    ],
  ])('its rate limit, told by %s, is waited out', async (_by, fault, delay) => {
    const { server, run } = await linear();
    server.strike('CreateProject', fault);
    expect(await failureOf(run())).toMatchObject({
      final: false,
      delay,
      message: expect.stringContaining('rate limit'),
    });
    await run();
    expect(server.projects.size).toBe(1);
  });

  it('a team that is not there makes nothing', async () => {
    const { server, run } = await linear();
    expect(await failureOf(run({ team: 'NOPE' }))).toMatchObject({
      final: true,
      message: expect.stringContaining('no team NOPE'),
    });
    expect(server.projects.size).toBe(0);
  });

  it('without a key says what to set, and a wrong one is not repeated', async () => {
    const none = await linear({ apiKey: undefined });
    expect(await failureOf(none.run())).toMatchObject({
      final: true,
      message: expect.stringContaining('LINEAR_API_KEY'),
    });
    expect(none.server.asked).toEqual([]);
    const wrong = await linear({ apiKey: 'lin_api_of_another_age' });
    const failure = await failureOf(wrong.run());
    expect(failure).toMatchObject({ final: true, message: expect.stringContaining('Correct LINEAR_API_KEY') });
    expect(failure.all).not.toContain('lin_api_of_another_age');
  });

  it('its key does not go over plain HTTP', async () => {
    const kind = linearProjectKind({ linear: { baseUrl: 'http://linear.example/graphql', apiKey: LINEAR_KEY } });
    expect(await failureOf(kind.run(stepOf(), contextOf()))).toMatchObject({
      final: true,
      message: expect.stringContaining('linear.baseUrl is not an https address'),
    });
  });

  it('an activity that is told to end ends with that, whatever Linear does', async () => {
    const { run } = await linear();
    const ending = new AbortController();
    ending.abort(new Error('told to end'));
    await expect(run({}, contextOf({ signal: ending.signal }))).rejects.toThrow('told to end');
  });
});

describe('undoing it', () => {
  it('puts project and issues into the trash, and does so once', async () => {
    const { server, undo } = await linear();
    expect(await undo()).toEqual({
      state: 'undone',
      detail: 'The Linear project and its issues are in Linear’s trash',
    });
    expect([...server.projects.values(), ...server.issues.values()].map(({ trashed }) => trashed)).toEqual([
      true,
      true,
      true,
    ]);
    server.asked.length = 0;
    expect(await undo()).toMatchObject({ state: 'undone' });
    expect(server.asked).not.toContain('TrashProject');
  });

  it.each([
    ['TrashIssues', 'lost_before'],
    ['TrashIssues', 'lost_after'],
    ['TrashProject', 'lost_before'],
    ['TrashProject', 'lost_after'],
  ] as const)('ends the same after a crash at %s (%s)', async (operation, fault) => {
    const { server, undo } = await linear();
    server.strike(operation, fault);
    expect(await failureOf(undo())).toMatchObject({ final: false });
    expect(await undo()).toMatchObject({ state: 'undone' });
    expect([...server.projects.values(), ...server.issues.values()].every(({ trashed }) => trashed)).toBe(true);
  });

  it('takes what somebody has deleted for good as undone', async () => {
    const { server, kind, run } = await linear();
    const outcome = await run();
    server.projects.clear();
    expect(await kind.undo?.(stepOf(), outcome, contextOf())).toMatchObject({ state: 'undone' });
  });

  type Server = Awaited<ReturnType<typeof fakeLinear>>;
  it.each<[string, (server: Server) => void, string]>([
    ['an issue that is begun', (server) => setIssue(server, { state: { type: 'started' } }), 'begun or completed: 1'],
    [
      'an issue that is completed',
      (server) => setIssue(server, { state: { type: 'completed' } }),
      'begun or completed: 1',
    ],
    ['an issue of somebody else’s', (server) => setIssue(server, { creator: { id: 'sam' } }), 'others made: 1'],
    ['an issue of a system’s', (server) => setIssue(server, { creator: null }), 'others made: 1'],
    ['work on the project', (server) => setProject(server, 'started'), 'it is started'],
  ])('leaves a project with %s, and says so', async (_what, touch, words) => {
    const { server, kind, run } = await linear();
    const outcome = await run();
    touch(server);
    const undone = await kind.undo?.(stepOf(), outcome, contextOf());
    expect(undone).toMatchObject({ state: 'left', detail: expect.stringContaining(words) });
    expect([...server.projects.values(), ...server.issues.values()].some(({ trashed }) => trashed)).toBe(false);
  });

  function setIssue(
    server: Server,
    change: Partial<{ state: { type: string }; creator: { id: string } | null }>,
  ): void {
    const [issue] = server.issues.values();
    if (issue !== undefined) Object.assign(issue, change);
  }
  function setProject(server: Server, type: string): void {
    for (const project of server.projects.values()) project.status = { type };
  }
});

describe('the fake of Linear', () => {
  it.each([
    ['query Q { teams { nodes { nothing } } }', {}, 'Cannot query field "nothing" on type "Team".'],
    ['query Q { teams(sorted: true) { nodes { id } } }', {}, 'Field "sorted" is not defined by type "QueryTeamsArgs".'],
    [
      'mutation M($input: ProjectCreateInput!) { projectCreate(input: $input) { success } }',
      { input: { name: 'x' } },
      'Field "teamIds"',
    ],
    [
      'mutation M($input: IssueCreateInput!) { issueCreate(input: $input) { success } }',
      { input: { teamId: 'x', due: 'x' } },
      'Field "due"',
    ],
  ])('refuses what Linear’s schema has not: %s', (text, variables, words) => {
    expect(() => parseDocument(text, variables)).toThrow(words);
  });
});
