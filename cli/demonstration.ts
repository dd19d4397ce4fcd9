import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import { request } from 'undici';
import { createLogger } from '../config/index.ts';
import type { Fixture } from '../sandbox/index.ts';
import type { CommandContext } from './command-context.ts';
import { costOf } from './cost.ts';
import { CliError } from './errors.ts';
import { exampleFile } from './example-files.ts';
import { createProgress } from './progress.ts';
import { temporalNamespaceUrl } from './services.ts';
import { type Stack, startStack } from './stack.ts';
import { tell } from './story.ts';
import { Teardown } from './teardown.ts';
import { Timeline } from './timeline.ts';
import { clockShowing } from './virtual-clock.ts';

/** A day passes in a second: the ten days of the window in ten. */
const DAYS_PER_SECOND = 86_400;
/** The window, the wait for a late cancellation, and room for a slow machine. */
const LIMIT_MS = 90_000;

/** One workflow's whole way, to be shown. */
export interface Demonstration {
  /** What it is, in a word: `kickoff`. */
  what: string;
  /** A sentence, before anything happens. */
  introduction: string;
  /** How the people in the sandbox answer. */
  fixture: Partial<Fixture>;
  /** Its id where it is known before it has started. */
  workflowId?: string;
  /** What begins it, as it is named in the timeline. */
  beginning: string;
  /** Has it begin: a call to the sandbox’s control. */
  trigger: { path: string; body?: object };
  /** The event that says it has started. */
  started: 'kickoff_started' | 'recovery_started';
  /** After this step of `on_booked` everything is done but to wait. */
  lastStep: string;
  /** Said then. */
  rest: string;
  /** The phase in which it ends when all goes well. */
  good: string;
  /** The times of the summary: name, label, from, to, remark. */
  times: readonly (readonly [name: string, label: string, from: string, to: string, remark?: string])[];
}

interface Result {
  phase: string;
  requestId?: string;
  outcome: string;
}

/** Shows it on real parts with a fast clock, says what it has cost, and leaves nothing behind. */
export async function demonstrate(
  { env, cwd, output, signal }: CommandContext,
  shown: Demonstration,
  options: { keep?: boolean },
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kickoff-demo-'));
  const teardown = new Teardown();
  teardown.defer('the demo’s folder', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const timeline = new Timeline();
  const began = performance.now();
  let { workflowId } = shown;
  try {
    const stack = await startStack({
      env: { ...env, KICKOFF_CONFIG: undefined, DATABASE_URL: undefined },
      cwd,
      dataDir,
      configFile: exampleFile('kickoff.config.yaml'),
      ports: { serve: 0, sandbox: 0, temporal: 0, temporalUi: 0 },
      clock: () => clockShowing(nextMondayMorning(new Date()), DAYS_PER_SECOND),
      seed: 'acme',
      fixture: shown.fixture,
      logger: createLogger({ level: 'warn', pretty: !output.json }),
      progress: createProgress(output),
      teardown,
      signal,
      onEvent: (live) => {
        if (live.room === 'triggers' && live.event.type === shown.started) workflowId ??= live.event.workflowId;
        timeline.note(live);
        const { document, lines } = tell(live, output.interactive);
        output.emit(document, lines?.join('\n'));
      },
      showLink: (link) =>
        output.emit({ type: 'console_link', console: link }, `\nThe console, for one sign-in: ${link}\n`),
    });
    const startedIn = performance.now() - began;
    const link = stack.temporalUi && linkTo(stack, workflowId);
    output.emit(
      { type: 'ready', temporalUi: link, serve: stack.serveUrl, sandbox: stack.sandbox.url },
      ['', shown.introduction, ...(link ? [`Watch it in the Temporal UI: ${link}`] : []), ''].join('\n'),
    );
    void timeline.reached(`step:on_booked:${shown.lastStep}`).then(() => {
      output.emit({ type: 'onboarded' }, `\n${shown.rest}`);
    });
    timeline.mark(shown.beginning);
    await steer(stack, shown.trigger);
    const ended = timeline.reached(shown.started).then(async () => {
      if (workflowId === undefined) throw new Error(`${shown.started} names its workflow`);
      return { id: workflowId, result: await resultOf(stack, workflowId) };
    });
    const { id, result } = await Promise.race([ended, cutOff(shown, signal), stack.failed]);
    timeline.mark('ended');
    await summary(stack, { shown, workflowId: id, result, timeline, startedIn, emit: output.emit.bind(output) });
    if (result.phase !== shown.good) {
      throw new CliError(`The ${shown.what} ended as ${result.phase}: ${result.outcome}`);
    }
    if (options.keep === true) {
      const link = stack.temporalUi && linkTo(stack, id);
      await stay(output.emit.bind(output), { console: stack.consoleLink, temporalUi: link }, signal);
    }
  } finally {
    await teardown.run();
  }
}

/** Tuesday, 15:00 UTC: a working morning in all of Acme's time zones, whatever day it is here. */
function nextMondayMorning(now: Date): Date {
  const monday = DateTime.fromJSDate(now, { zone: 'utc' }).plus({ weeks: 1 }).set({ weekday: 1 });
  return monday.set({ hour: 15, minute: 0, second: 0, millisecond: 0 }).toJSDate();
}

async function steer({ sandbox }: Stack, { path, body: sent }: Demonstration['trigger']): Promise<void> {
  const { statusCode, body } = await request(`${sandbox.url}/_sandbox${path}`, {
    method: 'POST',
    headersTimeout: 10_000,
    ...(sent === undefined ? {} : { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }),
  });
  const text = await body.text();
  if (statusCode >= 300) throw new CliError(`The sandbox refused ${path}: ${statusCode} ${text}`);
}

async function resultOf(stack: Stack, workflowId: string): Promise<Result> {
  return await stack.services.temporal.client.workflow.getHandle<() => Promise<Result>>(workflowId).result();
}

function cutOff({ what }: Demonstration, signal: AbortSignal): Promise<never> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  return new Promise((_resolve, reject) => {
    const slow = new CliError(`The ${what} did not end within ${LIMIT_MS / 1000} s.`);
    limit.addEventListener('abort', () => reject(signal.aborted ? signal.reason : slow), { once: true });
  });
}

async function summary(
  stack: Stack,
  told: {
    shown: Demonstration;
    workflowId: string;
    result: Result;
    timeline: Timeline;
    startedIn: number;
    emit: CommandContext['output']['emit'];
  },
): Promise<void> {
  const { shown, workflowId, result, timeline, startedIn, emit } = told;
  const history = await stack.services.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const { events, actions } = costOf(history);
  const times = shown.times.map(([name, label, from, to, remark]) => {
    return { name, label, took: timeline.between(from, to), remark };
  });
  const line = (label: string, text: string, remark?: string) =>
    `  ${label.padEnd(29)} ${text}${remark === undefined ? '' : `  (${remark})`}`;
  const seconds = (value: number | undefined) => (value === undefined ? '–' : `${(value / 1000).toFixed(2)} s`);
  emit(
    {
      type: 'summary',
      workflowId,
      phase: result.phase,
      requestId: result.requestId,
      tookMs: {
        stack: Math.round(startedIn),
        ...Object.fromEntries(times.map(({ name, took }) => [name, took])),
      },
      cost: { events, actions },
    },
    [
      '',
      `${result.phase === shown.good ? '✔' : '✖'} ${result.outcome}`,
      '',
      line('the stack came up in', seconds(startedIn)),
      ...times.map(({ label, took, remark }) => line(label, seconds(took), remark)),
      line('it cost', `${events} history events, ${actions} billable actions`),
      '',
    ].join('\n'),
  );
}

/** The workflow; or all of them, while its id is not known. */
function linkTo(stack: Stack, workflowId: string | undefined): string {
  const all = `${temporalNamespaceUrl(stack.config)}/workflows`;
  return workflowId === undefined ? all : `${all}/${encodeURIComponent(workflowId)}`;
}

async function stay(
  emit: CommandContext['output']['emit'],
  { console, temporalUi }: { console: string; temporalUi: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  emit(
    { type: 'staying', console },
    [
      'Everything stays up until Ctrl-C.',
      `  console      ${console}`,
      '               signs you in, once, within 15 minutes; the sign-in page gives another',
      ...(temporalUi === undefined ? [] : [`  Temporal UI  ${temporalUi}`]),
    ].join('\n'),
  );
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
