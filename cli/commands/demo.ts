import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import { request } from 'undici';
import { createLogger } from '../../config/index.ts';
import { ACME_DEAL_ID } from '../../sandbox/index.ts';
import type { KickoffResult } from '../../workflows/messages.ts';
import { kickoffWorkflowId } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { costOf } from '../cost.ts';
import { CliError } from '../errors.ts';
import { exampleFile } from '../example-files.ts';
import type { LiveEvent } from '../live-event.ts';
import { createProgress } from '../progress.ts';
import { temporalNamespaceUrl } from '../services.ts';
import { type Stack, startStack } from '../stack.ts';
import { tell } from '../story.ts';
import { Teardown } from '../teardown.ts';
import { clockShowing } from '../virtual-clock.ts';

/** A day passes in a second: the ten days of the window in ten. */
const DAYS_PER_SECOND = 86_400;
/** Of the example's `on_booked` steps, the one that is named last. */
const LAST_STEP = 'task_agenda';
/** The window, the wait for a late cancellation, and room for a slow machine. */
const LIMIT_MS = 90_000;

/**
 * Shows one whole kickoff, on real parts with a fast clock: HubSpot's signed event for the deal of Acme Corp, the people,
 * the request, SkipUp's webhooks, the onboarding steps. Leaves nothing behind.
 */
export async function demo({ env, cwd, output, signal }: CommandContext, options: { keep?: boolean }): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kickoff-demo-'));
  const teardown = new Teardown();
  teardown.defer('the demo’s folder', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const timeline = new Timeline();
  const began = performance.now();
  try {
    const stack = await startStack({
      env: { ...env, KICKOFF_CONFIG: undefined, DATABASE_URL: undefined },
      cwd,
      dataDir,
      configFile: exampleFile('kickoff.config.yaml'),
      ports: { serve: 0, sandbox: 0, temporal: 0, temporalUi: 0 },
      clock: () => clockShowing(nextMondayMorning(new Date()), DAYS_PER_SECOND),
      seed: 'acme',
      // The plain course of things: everybody answers when first asked, none before the working day begins.
      fixture: { everybody: { needsFollowUps: 0 } },
      logger: createLogger({ level: 'warn', pretty: !output.json }),
      progress: createProgress(output),
      teardown,
      signal,
      onEvent: (live) => {
        timeline.note(live);
        const { document, lines } = tell(live, output.interactive);
        output.emit(document, lines?.join('\n'));
      },
    });
    const startedIn = performance.now() - began;
    const workflowId = kickoffWorkflowId(ACME_DEAL_ID);
    const link = stack.temporalUi && linkTo(stack, workflowId);
    output.emit(
      { type: 'ready', temporalUi: link, serve: stack.serveUrl, sandbox: stack.sandbox.url },
      introduction(link),
    );
    void timeline.reached('onboarded').then(() => {
      const rest =
        'The onboarding steps have run. The kickoff stays for a late cancellation until its window has passed …';
      output.emit({ type: 'onboarded' }, `\n${rest}`);
    });
    timeline.mark('closed');
    await closeDeal(stack);
    const result = await outcome(stack, workflowId, timeline.reached('kickoff_started'), signal);
    timeline.mark('ended');
    await summary(stack, { workflowId, result, timeline, startedIn, emit: output.emit.bind(output) });
    if (result.phase !== 'done') throw new CliError(`The kickoff ended as ${result.phase}: ${result.outcome}`);
    if (options.keep === true) await stay(output.emit.bind(output), link, signal);
  } finally {
    await teardown.run();
  }
}

/** Tuesday, 15:00 UTC: a working morning in all of Acme's time zones, whatever day it is here. */
function nextMondayMorning(now: Date): Date {
  const monday = DateTime.fromJSDate(now, { zone: 'utc' }).plus({ weeks: 1 }).set({ weekday: 1 });
  return monday.set({ hour: 15, minute: 0, second: 0, millisecond: 0 }).toJSDate();
}

/** When what happened first. */
class Timeline {
  readonly #at = new Map<string, number>();
  readonly #waiting: { name: string; resolve: () => void }[] = [];

  mark(name: string): void {
    if (this.#at.has(name)) return;
    this.#at.set(name, performance.now());
    for (const waiting of this.#waiting) if (waiting.name === name) waiting.resolve();
  }

  note({ room, event }: LiveEvent): void {
    if (room === 'activities') this.mark(event.type === 'step' ? `step:${event.list}` : event.type);
    if (room === 'activities' && event.type === 'step' && event.id === LAST_STEP) this.mark('onboarded');
    if (room === 'triggers') this.mark(event.type === 'webhook_received' ? event.eventType : event.type);
  }

  /** Settles when it has happened. */
  reached(name: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#at.has(name)) resolve();
      else this.#waiting.push({ name, resolve });
    });
  }

  /** Milliseconds from one to the other; undefined when either is missing. */
  between(from: string, to: string): number | undefined {
    const [start, end] = [this.#at.get(from), this.#at.get(to)];
    return start === undefined || end === undefined ? undefined : Math.round(end - start);
  }
}

async function closeDeal({ sandbox }: Stack): Promise<void> {
  const url = `${sandbox.url}/_sandbox/crm/deals/${ACME_DEAL_ID}/close`;
  const { statusCode, body } = await request(url, { method: 'POST', headersTimeout: 10_000 });
  const text = await body.text();
  if (statusCode >= 300) throw new CliError(`The sandbox could not close the deal: ${statusCode} ${text}`);
}

/** Waits for the kickoff’s end; `started` settles when its workflow is there. */
async function outcome(
  stack: Stack,
  workflowId: string,
  started: Promise<void>,
  signal: AbortSignal,
): Promise<KickoffResult> {
  const { client } = stack.services.temporal;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const ended = started.then(() => client.workflow.getHandle<() => Promise<KickoffResult>>(workflowId).result());
  const cutOff = new Promise<never>((_resolve, reject) => {
    const slow = new CliError(`The kickoff did not end within ${LIMIT_MS / 1000} s.`);
    limit.addEventListener('abort', () => reject(signal.aborted ? signal.reason : slow), { once: true });
  });
  return await Promise.race([ended, cutOff, stack.failed]);
}

async function summary(
  stack: Stack,
  told: {
    workflowId: string;
    result: KickoffResult;
    timeline: Timeline;
    startedIn: number;
    emit: CommandContext['output']['emit'];
  },
): Promise<void> {
  const { workflowId, result, timeline, startedIn, emit } = told;
  const history = await stack.services.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const { events, actions } = costOf(history);
  const tookMs = {
    stack: Math.round(startedIn),
    closeToPeople: timeline.between('closed', 'resolved'),
    closeToRequest: timeline.between('closed', 'requested'),
    requestToBooking: timeline.between('requested', 'meeting_request.booked'),
    bookingToSteps: timeline.between('meeting_request.booked', 'step:on_booked'),
    closeToEnd: timeline.between('closed', 'ended'),
  };
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${(value / 1000).toFixed(2)} s`);
  emit(
    {
      type: 'summary',
      workflowId,
      phase: result.phase,
      requestId: result.requestId,
      tookMs,
      cost: { events, actions },
    },
    [
      '',
      `${result.phase === 'done' ? '✔' : '✖'} ${result.outcome}`,
      '',
      `  the stack came up in          ${ms(tookMs.stack)}`,
      `  deal closed → people known    ${ms(tookMs.closeToPeople)}`,
      `  deal closed → request sent    ${ms(tookMs.closeToRequest)}`,
      `  request → booked              ${ms(tookMs.requestToBooking)}  (a second is a day here)`,
      `  booked → first step done      ${ms(tookMs.bookingToSteps)}`,
      `  deal closed → kickoff closed  ${ms(tookMs.closeToEnd)}`,
      `  it cost                       ${events} history events, ${actions} billable actions`,
      '',
    ].join('\n'),
  );
}

function introduction(link: string | undefined): string {
  return [
    '',
    'One kickoff, from the deal’s close to the day after its window. A second is a day.',
    ...(link ? [`Watch it in the Temporal UI: ${link}`] : []),
    '',
  ].join('\n');
}

function linkTo(stack: Stack, workflowId: string): string {
  return `${temporalNamespaceUrl(stack.config)}/workflows/${encodeURIComponent(workflowId)}`;
}

async function stay(
  emit: CommandContext['output']['emit'],
  link: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  emit({ type: 'staying' }, `Everything stays up until Ctrl-C. ${link ?? ''}`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
