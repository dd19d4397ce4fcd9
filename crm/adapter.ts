import type { Crm, CrmName } from './port.ts';

/** What the receiver answers when the events of a request are stored. */
export interface Acknowledgement {
  status: number;
  contentType: string;
  body: string;
}

/** Of the events of one request, how many there were and how many of them were known already. */
export interface Received {
  events: number;
  duplicates: number;
}

/** What a CRM is told of the others. */
export interface Beside {
  /** The first configured CRM that can read a deal by its id. */
  readableBy: CrmName | undefined;
}

/** One kind of CRM: all that the rest of Kickoff has to know of its folder. Each folder exports one. */
export interface CrmAdapter<Options> {
  readonly name: CrmName;
  /** What its events are called in the inbox. */
  readonly source: Exclude<CrmName, 'generic'> | 'deal';
  /** Where its events come in; `:token` stands for a secret part. */
  readonly path: `/triggers/${string}`;
  /** What to set, when events come and nothing is configured for it. */
  readonly needs: string;
  /** Whether it can read a deal by its id alone. */
  readonly readsById: boolean;
  acknowledge(received: Received): Acknowledgement;
  /** Behind the port. Nothing is called or checked until a method is used. */
  create(options: Options, beside: Beside): Crm;
}

/** `200` with `{ received: true, events, duplicates }`. */
export function acknowledgeInJson(received: Received): Acknowledgement {
  return json(200, { received: true, ...received });
}

export function json(status: number, body: object): Acknowledgement {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
