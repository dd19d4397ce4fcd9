import { WorkflowUpdateFailedError } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { Phase } from '../../../workflows/messages.ts';
import * as messages from '../../../workflows/messages.ts';
import { inPhase, kickoffOf, newDeal, type TestStack, winQuietly } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

/** Starts a kickoff and brings it into the phase. */
async function kickoffIn(stack: TestStack, phase: Phase): Promise<string> {
  const nobody = { company: { id: '888111', name: 'Nobody Ltd', domain: 'nobody.example' }, contacts: [] };
  const dealId = await newDeal(stack, phase === 'needs_attention' ? nobody : {});
  await winQuietly(stack, dealId);
  await stack.services.temporal.client.workflow.execute(messages.WORKFLOW_TYPES.dispatch, {
    workflowId: `by-hand-${dealId}`,
    taskQueue: messages.KICKOFF_TASK_QUEUE,
    args: [{ dealId }],
  });
  await inPhase(stack, dealId, phase === 'needs_attention' ? phase : 'scheduling');
  if (phase === 'paused') await kickoffOf(stack, dealId).executeUpdate(messages.pause);
  await inPhase(stack, dealId, phase);
  return dealId;
}

const eventsOf = async (stack: TestStack, dealId: string) =>
  (await kickoffOf(stack, dealId).fetchHistory()).events?.filter(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes,
  ).length;

/** Sends an update by its name, with one input or with none, as the Temporal UI does. */
async function send(stack: TestStack, dealId: string, name: string, args: unknown[]): Promise<string> {
  const handle = kickoffOf(stack, dealId);
  return args.length === 0
    ? await handle.executeUpdate<string, []>(name)
    : await handle.executeUpdate<string, [unknown]>(name, { args: [args[0]] });
}

/** What a person may send by mistake: nothing, null, something of another kind, a misspelt or an empty field. */
const NOT_OBJECTS: [string, unknown[]][] = [
  ['no input', []],
  ['null', [null]],
  ['a text', ['postponed']],
  ['a list', [['postponed']]],
  ['an empty object', [{}]],
];

const WRONG: Record<string, [string, unknown[], RegExp][]> = {
  cancel: [
    ['an empty reason', [{ reason: ' ' }], /^reason: say why/],
    ['a reason that is no text', [{ reason: 5 }], /^reason: say why/],
    ['a misspelt field', [{ raeson: 'x' }], /raeson: unknown here; known are reason, notify\. reason: say why/],
    ['notify as a text', [{ reason: 'x', notify: 'yes' }], /^notify: true or false/],
  ],
  changeOrganizer: [
    ['no address', [{ email: 'jordan' }], /^email: give the e-mail address/],
    ['a list of addresses', [{ email: ['a@b.example'] }], /^email: give the e-mail address/],
  ],
  updateContext: [
    ['a misspelt field', [{ titel: 'x' }], /^titel: unknown here/],
    ['a length as a text', [{ durationMinutes: '45' }], /^durationMinutes: a whole number/],
    ['a window that is none', [{ timeframe: { start: 1, end: 2 } }], /^timeframe: start and end/],
    ['several at once', [{ title: '', purpose: 5 }], /title: .*purpose: /],
  ],
  replaceParticipants: [
    ['people that are no list', [{ participants: 'a@b.example', reason: 'x' }], /^participants: name 1 to 50/],
    ['a person who is null', [{ participants: [null], reason: 'x' }], /^participants\[0\]\.email/],
    ['roles as a text', [{ participants: [{ email: 'a@b.example', roles: 'lead' }], reason: 'x' }], /roles: a list/],
  ],
  retryStep: [['a step that is none', [{ id: 'nothing' }], /^id: no step has failed/]],
  skipStep: [['a step that is none', [{ id: 'nothing', reason: 'x' }], /^id: no step has failed/]],
};

/** Each phase in which a kickoff waits, and what it does not take there, with an input that would be right elsewhere. */
const NOT_IN_PHASE: [Phase, string, unknown[]][] = [
  ['scheduling', 'resume', []],
  ['scheduling', 'proceed', []],
  ['paused', 'pause', []],
  ['paused', 'proceed', []],
  ['needs_attention', 'pause', []],
  ['needs_attention', 'resume', []],
  ['needs_attention', 'updateContext', [{ title: 'New' }]],
];

describeStack('what a kickoff is asked by mistake', (stack) => {
  const kickoffs = new Map<Phase, Promise<string>>();
  const kickoff = (phase: Phase) => {
    const known = kickoffs.get(phase) ?? kickoffIn(stack(), phase);
    kickoffs.set(phase, known);
    return known;
  };

  async function refusal(dealId: string, name: string, args: unknown[]): Promise<string> {
    const accepted = await eventsOf(stack(), dealId);
    const error = await send(stack(), dealId, name, args).then(
      (answer) => new Error(`it was taken: ${answer}`),
      (failure) => failure,
    );
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    // Refused by its validator: the history does not know of it.
    expect(await eventsOf(stack(), dealId)).toBe(accepted);
    return error.cause.message;
  }

  it.each(Object.keys(WRONG).flatMap((name) => NOT_OBJECTS.map(([kind, args]) => [name, kind, args] as const)))(
    '%s with %s is refused by its validator, in words',
    async (name, _kind, args) => {
      const message = await refusal(await kickoff('scheduling'), name, args);
      expect(message).toMatch(
        /reason: say why|email: give|Name at least one of|participants: name|id: no step|Give the input as an object with /,
      );
    },
  );

  it.each(
    Object.entries(WRONG).flatMap(([name, wrong]) =>
      wrong.map(([kind, args, words]) => [name, kind, args, words] as const),
    ),
  )('%s with %s is refused by its validator, by field', async (name, _kind, args, words) => {
    expect(await refusal(await kickoff('scheduling'), name, args)).toMatch(words);
  });

  it.each(NOT_IN_PHASE)(
    'while it is %s, %s is refused by its validator, which says when it is possible',
    async (phase, name, args) => {
      const message = await refusal(await kickoff(phase), name, args);
      expect(message).toBe(
        `${name} is possible while the kickoff is ${message.match(/kickoff is (.*);/)?.[1]}; it is ${phase} now.`,
      );
    },
  );

  it('each example that it shows is one that its validator takes', async () => {
    const dealId = await kickoff('paused');
    const { commands } = await inPhase(stack(), dealId, 'paused');
    expect(commands.map(({ name }) => name)).toEqual([
      'changeOrganizer',
      'replaceParticipants',
      'updateContext',
      'resume',
      'cancel',
    ]);
    const context = commands.find(({ name }) => name === 'updateContext');
    expect(await send(stack(), dealId, 'updateContext', [context?.example])).toBe('Updated: title, durationMinutes.');
    // The Temporal UI sends what is in its field, also to an update that takes nothing.
    expect(await send(stack(), dealId, 'resume', [null])).toMatch(/goes on/);
  });
});
