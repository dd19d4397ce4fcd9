import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../config/index.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import { installRuntime } from '../../worker/index.ts';
import { type History, type HistoryEvent, type RecordedHistory, recordedHistories } from './histories.ts';

installRuntime({ logger: createLogger({ level: 'silent' }) });
const histories = recordedHistories();

/** @throws DeterminismViolationError when today's workflows would have done something else */
async function replay({ workflowId }: RecordedHistory, history: History): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: workflowBundle() }, history, workflowId);
}

describe('recorded histories', () => {
  it.each(histories.map((history) => [history.name, history] as const))('%s replays', async (_name, history) => {
    await expect(replay(history, history.read())).resolves.toBeUndefined();
  });

  it('one whose commands are in another order is refused', async () => {
    const history = named('nobody-to-invite');
    const altered = history.read();
    swapFirstTwoCommands(altered.events);
    await expect(replay(history, altered)).rejects.toThrow(DeterminismViolationError);
  });

  it('one in which another activity was called is refused', async () => {
    const history = named('booked');
    const altered = history.read();
    const request = altered.events.find((event) => event.activityTaskScheduledEventAttributes);
    if (request?.activityTaskScheduledEventAttributes == null) throw new Error('a booked kickoff has sent its request');
    request.activityTaskScheduledEventAttributes.activityType = { name: 'somethingElse' };
    await expect(replay(history, altered)).rejects.toThrow(DeterminismViolationError);
  });

  it.each(histories.map((history) => [history.name, history.text] as const))(
    '%s tells of no machine',
    (_name, text) => {
      const payloads = [...text.matchAll(/"data": "([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
      const everything = [text, ...payloads.map((payload) => payload.toString('utf8'))].join('\n');
      expect(everything).not.toMatch(/\/(?:home|root|Users|tmp|var|work|builds)\/|[A-Z]:\\|node_modules|\d+@[\w-]+/);
      expect(everything).not.toMatch(/127\.0\.0\.1:(?!80\b)\d+/);
      expect(
        [...text.matchAll(/"identity": "([^"]*)"/g)].map(([, name]) => name).filter((name) => name !== 'worker'),
      ).toEqual([]);
    },
  );
});

describe('the bundle that is replayed', () => {
  it('is built from the present workflows', () => {
    const stamp = join(dirname(workflowBundle().codePath), '.built');
    const builtMs = statSync(stamp).mtimeMs;
    const sources = fileURLToPath(new URL('../../workflows', import.meta.url));
    const changed = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => statSync(join(sources, file)).mtimeMs > builtMs);
    expect(changed, 'run `npm run build`').toEqual([]);
  });
});

function named(name: string): RecordedHistory {
  const found = histories.find((history) => history.name === name);
  if (found === undefined) throw new Error(`there is no history ${name}`);
  return found;
}

/** Swaps what two neighbouring events of one workflow task say, where they are of different kinds; numbers and times stay. */
function swapFirstTwoCommands(events: HistoryEvent[]): void {
  const kinds = ['timerStartedEventAttributes', 'upsertWorkflowSearchAttributesEventAttributes'] as const;
  const index = events.findIndex(
    (event, at) =>
      kinds.some((kind) => event[kind]) &&
      kinds.some((kind) => events[at + 1]?.[kind]) &&
      event.eventType !== events[at + 1]?.eventType,
  );
  const [first, second] = [events[index], events[index + 1]];
  if (first === undefined || second === undefined) throw new Error('there are no two such commands in this history');
  events[index] = { ...second, eventId: first.eventId ?? null, eventTime: first.eventTime ?? null };
  events[index + 1] = { ...first, eventId: second.eventId ?? null, eventTime: second.eventTime ?? null };
}
