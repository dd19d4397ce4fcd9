/** SkipUp's event about a member who was deactivated. Its payload has no full sample, so its fields are looked for. */
export const MEMBER_DEACTIVATED = 'member.deactivated';

const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/**
 * Whom the event is about: the first address that stands in `email`, or in `email` of `member`, `workspace_member`, `user`
 * or `data` (or of one of these within `data`).
 *
 * @returns lower-cased; undefined when it names nobody
 */
export function memberEmailIn(payload: unknown): string | undefined {
  if (!isRecord(payload)) return undefined;
  const { data } = payload;
  const found = [payload, ...membersIn(payload), data, ...(isRecord(data) ? membersIn(data) : [])]
    .flatMap((place) => (isRecord(place) ? [place.email, place.member_email] : []))
    .find((email) => typeof email === 'string' && email.length <= 254 && ADDRESS.test(email.trim()));
  return typeof found === 'string' ? found.trim().toLowerCase() : undefined;
}

function membersIn(place: Record<string, unknown>): unknown[] {
  return [place.member, place.workspace_member, place.user];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
