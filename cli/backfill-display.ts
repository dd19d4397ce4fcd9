import { SingleBar } from 'cli-progress';
import type { BackfillProgress } from '../workflows/messages.ts';
import type { Output } from './output.ts';

/** Shows how a backfill gets on. */
export interface BackfillDisplay {
  show(progress: BackfillProgress): void;
  /** Nobody answers: no worker runs. */
  silent(): void;
  /** Ends the bar; may be called more than once. */
  stop(): void;
}

/** Where there is no terminal, a line is written when something has changed, and no more often than this. */
const LINE_EVERY_MS = 5_000;
const NOBODY = 'No worker answers. Start one: kickoff worker';

/** A bar on a terminal, a line every few seconds elsewhere, a document per change with `--json`. */
export function backfillDisplay(output: Output, now: () => number = () => performance.now()): BackfillDisplay {
  return output.interactive ? barDisplay() : lineDisplay(output, output.json ? 0 : LINE_EVERY_MS, now);
}

function barDisplay(): BackfillDisplay {
  const bar = new SingleBar({
    format: '{bar} {percentage} % · {text}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
    gracefulExit: false,
  });
  let isStopped = false;
  bar.start(1, 0, { text: 'starting' });
  return {
    show(progress) {
      const done = handledOf(progress);
      bar.setTotal(Math.max(1, done + (progress.remaining ?? 0)));
      bar.update(progress.state === 'done' ? Math.max(1, done) : done, { text: lineOf(progress) });
    },
    silent: () => bar.update({ text: NOBODY }),
    stop() {
      if (!isStopped) bar.stop();
      isStopped = true;
    },
  };
}

function lineDisplay(output: Output, everyMs: number, now: () => number): BackfillDisplay {
  let last = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  const say = (document: Record<string, unknown>, text: string) => {
    const content = JSON.stringify(document);
    if (content === last || now() - shownAt < everyMs) return;
    last = content;
    shownAt = now();
    output.emit({ type: 'progress', ...document }, text);
  };
  return {
    // Before its input is checked there is nothing to tell.
    show: (progress) => (progress.state === 'opening' ? undefined : say({ ...progress }, lineOf(progress))),
    silent: () => say({ state: 'no worker' }, NOBODY),
    stop: () => undefined,
  };
}

/** `scanned 200, skipped 12, started 180, failed 0` */
export function countsOf(progress: BackfillProgress): string {
  const { scanned, started, failed, plan } = progress;
  const skipped = skippedOf(progress);
  const would = `would start ${Math.min(plan?.limit ?? Number.POSITIVE_INFINITY, scanned - skipped - failed)}`;
  const begun = plan?.dryRun === true ? would : `started ${started}`;
  return `scanned ${scanned}, skipped ${skipped}, ${begun}, failed ${failed}`;
}

function lineOf(progress: BackfillProgress): string {
  const { state, perMinute, secondsLeft, waitingFor } = progress;
  return [
    countsOf(progress),
    `at most ${perMinute} a minute`,
    ...(secondsLeft === undefined ? [] : [`${timeOf(secondsLeft)} left`]),
    ...(state === 'paused' ? ['paused'] : state === 'pushed_back' ? [`waits: ${waitingFor}`] : []),
  ].join(', ');
}

/** `1:02:03`, `4:05` */
function timeOf(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = (seconds % 3600) / 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${Math.floor(minutes)}:${two(seconds % 60)}`;
}

function handledOf(progress: BackfillProgress): number {
  if (progress.plan?.dryRun === true) return progress.scanned;
  return skippedOf(progress) + progress.started + progress.failed;
}

function skippedOf({ skipped }: BackfillProgress): number {
  return Object.values(skipped).reduce((total, count) => total + count, 0);
}
