import type { CrmError } from '../../crm/index.ts';
import type { PushBack } from '../contract.ts';

/** A CRM that is to be asked again later, in the workflow's terms. */
export function pushBackOf({ message, retryAfterMs }: CrmError): PushBack {
  return { reason: message, ...(retryAfterMs !== undefined && { waitMs: retryAfterMs }) };
}
