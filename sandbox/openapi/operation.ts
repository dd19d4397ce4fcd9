import { z } from 'zod';
import type { ApiScope } from '../../skipup/schemas.ts';

/** The body of a call that takes none; an empty object is as good. */
export const nothingSchema = z.strictObject({});

/** A sample request, for the document and its page. */
export interface Sample {
  summary: string;
  /** Sent as it is. */
  body?: object;
  query?: Readonly<Record<string, string>>;
  idempotencyKey?: string;
}

/** Another operation that an id of this one's answer leads to. */
export interface Follow {
  /** Its operationId. */
  to: string;
  description: string;
}

/**
 * One call of SkipUp's API, declared once: the route checks by it (`api/serve.ts`) and the document is made of it, so that
 * neither can say what the other does not.
 */
export interface Operation<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  /** The operationId: what a generated client would call it. */
  id: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the API's prefix, with `{id}` for the one it is about. */
  path: `/${string}`;
  tag: (typeof TAGS)[number]['name'];
  scope: ApiScope;
  summary: string;
  description: string;
  /** Unknown parameters are refused: always a strict object, if an empty one. */
  query: Query;
  body: Body;
  /** Whether there must be a body; `none` means that there is nothing to put into one. */
  bodyIs: 'required' | 'optional' | 'none';
  /** The `Idempotency-Key` header is honoured. */
  idempotent?: boolean;
  answer: {
    status: 200 | 201 | 202 | 204;
    description: string;
    /** Nothing for 204. */
    schema?: z.ZodType;
    example?: object;
  };
  samples: readonly Sample[];
  follows?: readonly Follow[];
}

/** Keeps the types of query and body, for the route. */
export function operation<Query extends z.ZodType, Body extends z.ZodType>(
  declared: Operation<Query, Body>,
): Operation<Query, Body> {
  return declared;
}

export const TAGS = [
  {
    name: 'Meeting requests',
    description:
      'A meeting request asks SkipUp to find a time with people and book it. It is accepted at once and worked on over ' +
      'hours and days; webhooks, or reading it again, tell how it goes.',
  },
  { name: 'Workspace members', description: 'The people in the workspace who can organize meetings.' },
  {
    name: 'Webhook endpoints',
    description: 'Where SkipUp tells what has happened, and what became of each attempt to tell it.',
  },
] as const;
