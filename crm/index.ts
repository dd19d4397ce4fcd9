/** The CRM room: one port, one folder for each CRM, one adapter of each in `adapters.ts`. docs/crms.md says how to add one. */
export type { Acknowledgement, CrmAdapter, Received } from './adapter.ts';
export { ADAPTERS } from './adapters.ts';
export { type CrmOptions, createCrms } from './create-crms.ts';
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
export type { SalesforceOptions } from './salesforce/index.ts';
