import type { MeetingRequestRow } from '../../database/index.ts';
import type { KickoffDetails } from './read.ts';
import type { StepView } from './step-views.ts';

/** How a chapter of a kickoff's story stands. */
export type ChapterState = 'done' | 'now' | 'person' | 'paused' | 'later' | 'stopped' | 'never';

export interface Chapter {
  label: string;
  state: ChapterState;
  /** What happened in it, in a few words; an instant is shown in the viewer's zone. */
  words: readonly (string | Date)[];
}

const CHAPTERS = ['Deal closed', 'People', 'Request', 'Conversation', 'Booked', 'Steps', 'Done'] as const;
const ENDED = new Set(['cancelled', 'expired', 'failed']);

/** The story of the kickoff's present revision, from the deal's close to its end. */
export function storyOf(details: KickoffDetails, steps: readonly StepView[]): Chapter[] {
  const request = details.requests.findLast((one) => one.revision === details.row.revision);
  const reached = reachedIn(details, request);
  const words = wordsOf(details, request, steps);
  return CHAPTERS.map((label, index) => ({
    label,
    state: stateOf(index, reached, details, steps),
    words: index <= reached || label === 'Booked' || label === 'Done' ? words[label] : [],
  }));
}

/** The index of the chapter in which it is; of one that has ended, the last that it came to. */
function reachedIn({ row, record, status }: KickoffDetails, request: MeetingRequestRow | undefined): number {
  const phase = status?.phase ?? row.phase;
  switch (phase) {
    case 'resolving':
      return 1;
    case 'requesting':
      return 2;
    case 'scheduling':
    case 'paused':
      return 3;
    case 'booked':
    case 'onboarding':
      return 5;
    case 'done':
      return 6;
    default: {
      if (ENDED.has(phase) && request?.was_booked === true) return 4;
      if (request !== undefined && request.request_id !== null) return 3;
      const isComplete = record.participants.length > 0 && !record.gaps.some(({ severity }) => severity === 'block');
      return request !== undefined || isComplete ? 2 : 1;
    }
  }
}

function stateOf(
  index: number,
  reached: number,
  { row, status }: KickoffDetails,
  steps: readonly StepView[],
): ChapterState {
  const phase = status?.phase ?? row.phase;
  if (index === 5 && index <= reached && steps.some(hasFailed)) return 'person';
  if (index === 0 && row.deal_lost_at !== null) return 'stopped';
  if (index < reached || phase === 'done') return 'done';
  if (index > reached) return ENDED.has(phase) ? 'never' : 'later';
  if (ENDED.has(phase)) return 'stopped';
  if (phase === 'needs_attention') return 'person';
  return phase === 'paused' ? 'paused' : 'now';
}

function wordsOf(
  { row, record, now }: KickoffDetails,
  request: MeetingRequestRow | undefined,
  steps: readonly StepView[],
): Record<(typeof CHAPTERS)[number], readonly (string | Date)[]> {
  const closed = instantOf(record.deal.closedAt);
  return {
    'Deal closed': row.deal_lost_at === null ? (closed ?? []) : ['not won any more, since ', row.deal_lost_at],
    People: peopleWords(record.participants.length, record.excluded.length),
    Request:
      request === undefined ? [] : [request.request_id === null ? 'being sent, since ' : 'sent ', request.created_at],
    Conversation: request === undefined ? [] : [count(request.follow_ups, 'follow-up')],
    Booked: bookedWords(request, now),
    Steps: stepWords(steps),
    Done:
      row.phase === 'done' && row.closes_at !== null
        ? [row.closes_at > now ? 'listens until ' : 'closed ', row.closes_at]
        : [],
  };
}

function bookedWords(request: MeetingRequestRow | undefined, now: Date): (string | Date)[] {
  if (request === undefined) return [];
  if (request.booked_at !== null) return request.status === 'cancelled' ? ['and called off'] : [request.booked_at];
  return request.status !== 'cancelled' && request.timeframe_end > now ? ['before ', request.timeframe_end] : [];
}

function stepWords(steps: readonly StepView[]): string[] {
  const own = steps.filter(({ revision, list }) => revision === undefined && list === 'on_booked');
  if (own.length === 0) return [];
  const failed = own.filter(hasFailed).length;
  const done = own.filter(({ state }) => state === 'done').length;
  return [`${done} of ${own.length} done${failed === 0 ? '' : `, ${failed} failed`}`];
}

function peopleWords(invited: number, leftOut: number): string[] {
  return invited + leftOut === 0 ? [] : [`${invited} invited${leftOut === 0 ? '' : `, ${leftOut} left out`}`];
}

function hasFailed({ state, revision, list }: StepView): boolean {
  return state === 'failed' && revision === undefined && list === 'on_booked';
}

/** @returns a day as it is: it is in no zone */
function instantOf(text: string | undefined): (string | Date)[] | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  return /^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime()) ? [text] : [date];
}

function count(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}
