/**
 * The CRM room: one port, one folder for each CRM. To add a CRM: make its folder with a `create…(options): Crm`, add its
 * name to `crmNameSchema`, and one line to {@link createCrms}.
 */
import { createGeneric, type GenericOptions } from './generic/index.ts';
import { createHubSpot, type HubSpotOptions } from './hubspot/index.ts';
import { createPipedrive, type PipedriveOptions } from './pipedrive/index.ts';
import type { Crm, CrmName } from './port.ts';
import { createSalesforce, type SalesforceOptions } from './salesforce/index.ts';

export { createGeneric, type GenericOptions } from './generic/index.ts';
export { dealEventJsonSchema } from './generic/json-schema.ts';
export { createHubSpot, type HubSpotOptions } from './hubspot/index.ts';
export type { HubSpotSignatureVersion } from './hubspot/signature.ts';
export type { PipedriveOptions } from './pipedrive/index.ts';
export {
  type Crm,
  type CrmContact,
  CrmError,
  type CrmErrorCode,
  type CrmName,
  type CrmWrite,
  type CrmWriteResult,
  crmNameSchema,
  type Deal,
  type DealSignal,
  dealSchema,
  type InboundRequest,
  TriggerRefused,
  type TriggerRefusedCode,
  type WonDeal,
  type WonDealsPage,
  type WonDealsQuery,
} from './port.ts';

export { SALESFORCE_ACK, type SalesforceOptions } from './salesforce/index.ts';

export interface CrmOptions {
  hubspot?: HubSpotOptions | undefined;
  salesforce?: SalesforceOptions | undefined;
  pipedrive?: PipedriveOptions | undefined;
  generic?: GenericOptions | undefined;
}

/** The CRMs that can read a deal by its id. */
const READABLE = ['hubspot', 'salesforce', 'pipedrive'] as const;

/** The configured CRMs by name. The generic trigger takes deals by id for the first of the others. */
export function createCrms(options: CrmOptions): Partial<Record<CrmName, Crm>> {
  const readableBy = READABLE.find((name) => options[name] !== undefined);
  return {
    ...(options.hubspot === undefined ? {} : { hubspot: createHubSpot(options.hubspot) }),
    ...(options.salesforce === undefined ? {} : { salesforce: createSalesforce(options.salesforce) }),
    ...(options.pipedrive === undefined ? {} : { pipedrive: createPipedrive(options.pipedrive) }),
    ...(options.generic === undefined ? {} : { generic: createGeneric({ readableBy, ...options.generic }) }),
  };
}
