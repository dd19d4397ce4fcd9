import { ApplicationFailure } from '@temporalio/activity';
import type { FindMembership } from '../members.ts';

const WITHIN_MS = 10_000;

/**
 * @param email lower-cased
 * @throws ApplicationFailure `NotAMember`, not retryable; when it could not be found out SkipUp is left to say so
 */
export async function requireMember(findMembership: FindMembership, email: string): Promise<void> {
  const membership = await findMembership(email, { withinMs: WITHIN_MS });
  if (membership.state !== 'not_member') return;
  throw ApplicationFailure.nonRetryable(
    `${email} is no active member of the SkipUp workspace and cannot organize: name somebody who is.`,
    'NotAMember',
  );
}
