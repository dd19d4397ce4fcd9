import { ApplicationFailure } from '@temporalio/activity';
import type { StepContext } from './kind.ts';

type Fill = StepContext['text'];

/**
 * Headers that no step may set, not even from the environment: those that frame the message or end at the next machine, and
 * those that are Kickoff's own.
 */
const KEPT_FROM_ALL = [
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-webhook-signature',
];

/**
 * Headers whose values no step may hold: those, and those that hold credentials, because whatever a step holds is kept in the
 * workflow's history for everybody to read.
 */
export const KEPT_HEADERS = new Set([...KEPT_FROM_ALL, 'authorization', 'cookie']);

/**
 * A step's URL with its templates filled in. A value is percent-encoded, so that it stays within its part of the path or of
 * the query. The host is as written: no template reaches it.
 *
 * @throws ApplicationFailure, not retryable, for a host with a template, a value in the path that is nothing, and a path that
 * would climb (`..`)
 */
export function filledUrl(template: string, text: Fill): string {
  const parts = /^(https?:\/\/[^\s/?#\\{}@]+)([^?#]*)(?:\?([^#]*))?/i.exec(template);
  const [, origin, path, query] = parts ?? [];
  if (origin === undefined || path === undefined || /^[^/]/.test(path)) {
    throw refusal('The url of the step must begin with https:// and a host without templates.');
  }
  const filledPath = text(path, (value) => {
    if (value === '')
      throw refusal(`A template in the path ${path} has nothing to show, so the call would go elsewhere.`);
    return percentEncoded(value);
  });
  if (filledPath.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    throw refusal(`The path ${path} would lead elsewhere: a part of it is . or ..`);
  }
  return `${origin}${filledPath}${query === undefined ? '' : `?${text(query, percentEncoded)}`}`;
}

/**
 * A step's headers, by lower-case name, with their templates filled in. A value's characters beyond printable ASCII are
 * percent-encoded: a header carries no others.
 *
 * @throws ApplicationFailure, not retryable, for a header that a step may not set
 */
export function filledHeaders(headers: Record<string, string> | undefined, text: Fill): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(headers ?? {})) {
    const known = name.toLowerCase();
    if (KEPT_HEADERS.has(known)) throw refusal(`A step may not set the header ${known}. Take it out.`);
    filled[known] = text(template)
      .replace(/[^\x20-\x7e]+/g, percentEncoded)
      .trim();
  }
  return filled;
}

/**
 * A step's secret headers, by lower-case name.
 *
 * @param headers header → variable, as the step has it
 * @param values variable → value, as the worker has it
 * @throws ApplicationFailure, not retryable, for a header that a step may not set, and a variable that is not set here
 */
export function secretHeadersOf(
  headers: Record<string, string> | undefined,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, variable] of Object.entries(headers ?? {})) {
    const known = name.toLowerCase();
    if (KEPT_FROM_ALL.includes(known)) throw refusal(`A step may not set the header ${known}. Take it out.`);
    const value = Object.hasOwn(values, variable) ? values[variable] : undefined;
    if (value === undefined) {
      throw refusal(
        `${variable}, which holds the header ${known}, is not set on this worker. Set it, restart the workers, then retry the step.`,
      );
    }
    filled[known] = value;
  }
  return filled;
}

function percentEncoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'Configuration');
}
