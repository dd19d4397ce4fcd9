/** What comes out of the workflow `sweep`. */
import type { MeetingEventName } from '../meeting/messages.ts';

/** How the product's own webhook endpoint stands at SkipUp. */
export type EndpointState =
  /** No public address is configured: there is none to look for. */
  | 'not_configured'
  /** SkipUp has none for the public address. */
  | 'missing'
  | 'on'
  /** Switched off without a reason of SkipUp's: a person has done it, and a person switches it on. */
  | 'off_by_person'
  /** Switched off by SkipUp, and its test delivery has not come through yet. */
  | 'off'
  /** Switched off by SkipUp; its test delivery came through, and it is on again. */
  | 'brought_back';

/** SkipUp's test delivery to an endpoint that it had switched off. */
export interface EndpointTest {
  endpointId: string;
  /** Which switching off it is about; ISO 8601. */
  disabledAt: string;
  deliveryId: string;
  /** ISO 8601. */
  sentAt: string;
  /** How many tests have been sent since the endpoint is off. */
  sent: number;
}

/** What the sweep found in the deliveries of the product's own endpoint. */
export interface SweptDeliveries {
  endpoint: EndpointState;
  endpointId?: string;
  /** Webhooks that had failed and are in the inbox now. */
  takenIn: number;
  /** Failed, and known already. */
  known: number;
  test?: EndpointTest;
  /** What a person should do about the endpoint, in words. */
  advice?: string;
}

/** A happening that no webhook has told of. */
export interface Noticed {
  workflowId: string;
  requestId: string;
  event: MeetingEventName;
}

/** Somebody who should invite and, as far as SkipUp's member list goes, cannot. */
export interface UnknownOrganizer {
  email: string;
  /** Kickoffs whose request this person organizes. */
  kickoffs: string[];
  /** Accounts whose lead this person is in the registry. */
  accounts: string[];
  /** The configured fallback. */
  isFallback: boolean;
}

/** What the sweep found by comparing the open meeting requests with SkipUp's list. Lists hold the first 50. */
export interface SweptRequests {
  /** Open requests that were compared. */
  compared: number;
  /** How many happenings were noticed and put into the inbox. */
  takenIn: number;
  noticed: Noticed[];
  /** Differences whose events are in the inbox already and wait to be delivered. */
  underWay: number;
  /** Requests that SkipUp says it does not have. */
  gone: string[];
  /** Requests whose status at SkipUp cannot follow from what is known; a person should look. */
  contradictions: { requestId: string; known: string; atSkipUp: string }[];
  unknownOrganizers: UnknownOrganizer[];
  /** What could not be found out, in words. */
  notes: string[];
}

/** What one sweep found. A part that could not be done is absent, and `problems` says why. */
export interface SweepReport {
  deliveries?: SweptDeliveries;
  requests?: SweptRequests;
  problems: string[];
}
