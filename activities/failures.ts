/** What an error of another room means to Temporal: retry, retry later, or never. */
import { ApplicationFailure } from '@temporalio/activity';
import { CrmError } from '../crm/index.ts';
import { SkipUpError } from '../skipup/index.ts';

/** A CRM's error: what the CRM will refuse again is not tried again. */
export function crmFailure(error: unknown): unknown {
  if (!(error instanceof CrmError)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: `Crm.${error.code}`,
    nonRetryable: !error.retryable,
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}

/** SkipUp's error: 401, 403, 404 and 422 need a person; a 429 says when to come back. */
export function skipupFailure(error: unknown): unknown {
  if (!(error instanceof SkipUpError)) return error;
  return ApplicationFailure.create({
    message: adviceFor(error),
    type: `SkipUp.${error.code}`,
    nonRetryable: !error.retryable && error.code !== 'aborted',
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}

function adviceFor(error: SkipUpError): string {
  switch (error.code) {
    case 'authentication':
      return `SkipUp does not know the API key (${error.message}). Correct SKIPUP_API_KEY, restart the workers, then send \`proceed\`.`;
    case 'permission':
      return `The SkipUp API key lacks a scope (${error.message}). Give it meeting_requests.read and .write, then send \`proceed\`.`;
    case 'validation':
      return `SkipUp refused the request: ${error.message} Correct the organizer or the participants, then send \`proceed\`.`;
    default:
      return error.message;
  }
}
