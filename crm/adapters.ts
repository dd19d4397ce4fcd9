import type { CrmAdapter } from './adapter.ts';
import { generic } from './generic/adapter.ts';
import { hubspot } from './hubspot/adapter.ts';
import { pipedrive } from './pipedrive/adapter.ts';
import type { CrmName } from './port.ts';
import { salesforce } from './salesforce/adapter.ts';

/** Every kind of CRM there is. A new one is its folder, and its name here and in `crmNameSchema`. */
export const ADAPTERS = { hubspot, salesforce, pipedrive, generic } satisfies Record<CrmName, CrmAdapter<never>>;
