import type { Resolution, Timeframe } from '../../activities/contract.ts';
import type { KickoffPolicy } from '../../config/policy.ts';
import { type Meeting, meetingStatus } from '../meeting/lifecycle.ts';
import type {
  DealChange,
  EscalationStatus,
  KickoffInput,
  MeetingEvent,
  OrganizerLeft,
  Phase,
  ReplaceParticipantsCommand,
} from '../messages.ts';
import { enqueue, listOf, type StepsState } from '../steps/state.ts';

/** The deal is not what the kickoff was begun for, and what that means for it is not settled. */
export interface Doubt {
  change: DealChange;
  /** `cancellation`: the kickoff is to be cancelled without asking anybody. */
  wanted: 'answer' | 'cancellation';
  /** Why that cancellation did not work, in words: a person is asked then. */
  trouble?: string;
}

/** A revision whose meeting does not take place, and which another one follows. */
export interface Former {
  revision: number;
  request?: NonNullable<KickoffState['request']>;
  meeting?: Meeting;
  /** Why it fell through, in words. */
  reason?: string;
}

/** A revision is over, and a person says whether there is a next one. */
export interface Between {
  /** What came to nothing: the booking was cancelled, or the window has passed. */
  over: 'booking' | 'window';
  /** Its request could not be cancelled at SkipUp, and is to be before a next one is made. */
  openRequest?: string;
}

/** Whom the registry names beside those whom SkipUp asks, and whom no more: addresses, lower-cased and in order. */
export interface PeopleChange {
  added: string[];
  removed: string[];
}

/** Everything a kickoff remembers. Plain data: it is what the reducer takes and gives. */
export interface KickoffState extends StepsState {
  phase: Phase;
  revision: number;
  resolution?: Resolution;
  /** Named by a person; take the place of what registry and CRM say. */
  replacement?: ReplaceParticipantsCommand['participants'];
  organizerEmail?: string;
  /** Named by a person, here or at SkipUp, while there was a request: the next request's organizer, too. */
  chosenOrganizer?: string;
  /** A person has said to go on without those who are missing. */
  gapsAccepted: boolean;
  request?: {
    key: string;
    timeframe: Timeframe;
    /** Real time, ISO 8601: SkipUp keeps keys for 24 real hours. */
    firstTriedAt: string;
    /** An attempt ended without an answer. */
    unanswered: boolean;
  };
  meeting?: Meeting;
  /** Events that came before the request's id was known. */
  early: MeetingEvent[];
  /** The request is to be read: an event came that does not say what changed. */
  readWanted: boolean;
  /** The steps for the deal's close have been set going. */
  announced: boolean;
  /** What a person must settle, in words; a doubt about the deal has words of its own. */
  needs: string[];
  /** The newest that was heard of the deal; absent: nothing since the start. */
  dealChange?: DealChange;
  doubt?: Doubt;
  /** The organizer is no active SkipUp member any more, and nobody else has been named. */
  organizerLeft?: OrganizerLeft;
  /** The registry has changed since it was read: it is to be looked whom it names now. */
  lookWanted?: true;
  /** SkipUp asks others than the registry names; a person has been told. */
  peopleChanged?: PeopleChange;
  /** A person has said to keep the request for all that. */
  peopleKept?: PeopleChange;
  /** How often a person has been asked; numbers the notices. */
  asked: number;
  /** Why it fell through, in words. */
  reason?: string;
  /** The list that says so ran when it was not over yet: the ledger is to be told in so many words. */
  isUntold?: true;
  /**
   * We are about to cancel the request ourselves. SkipUp's webhook about it may come before the answer to our call, and
   * must not be taken for somebody else's cancellation.
   */
  takingBack: boolean;
  /** ISO 8601; when a booked kickoff stops listening for a late cancellation. */
  closesAt?: string;
  /** ISO 8601: when SkipUp had taken the request, by the kickoff's clock. */
  requestedAt?: string;
  /** ISO 8601: when it is to be said that nothing is booked and the window soon over. */
  remindsAt?: string;
  /** How often that was said; numbers the notices. */
  reminded?: number;
  /** How often this revision's window was extended. */
  extended?: number;
  /** How often a cancelled booking was scheduled anew without asking anybody. */
  rescheduled?: number;
  /** The revision before this one, when its meeting was called off. */
  former?: Former;
  between?: Between;
  /** Who was told that nobody books. */
  escalations?: EscalationStatus[];
  closed: boolean;
}

export function initialState(input: KickoffInput): KickoffState {
  return {
    phase: 'resolving',
    revision: input.revision,
    gapsAccepted: false,
    early: [],
    readWanted: false,
    needs: [],
    asked: 0,
    announced: false,
    takingBack: false,
    queue: [],
    steps: [],
    closed: false,
  };
}

/** Tells a person that the kickoff needs them; the phase stays what it is. */
export function notify(state: KickoffState, policy: KickoffPolicy): KickoffState {
  const asked = state.asked + 1;
  return enqueue({ ...state, asked }, listOf(policy.steps, { list: 'on_attention', occurrence: `${asked}` }));
}

/** The kickoff is off. */
export const ENDED: ReadonlySet<Phase> = new Set<Phase>(['cancelled', 'expired', 'failed']);

export function requestStatus(state: Pick<KickoffState, 'meeting' | 'request'>): string {
  if (state.meeting !== undefined) return meetingStatus(state.meeting);
  return state.request === undefined ? 'none' : 'sending';
}
