/** The CRM room: one port, one folder for each CRM, one adapter of each in `adapters.ts`. docs/crms.md says how to add one. */
export type { Acknowledgement, CrmAdapter, Received } from './adapter.ts';
export { ADAPTERS, type CrmOptions } from './adapters.ts';
export { createCrms } from './create-crms.ts';
export { createFormTrigger, type FormTrigger, type FormTriggerOptions } from './generic/form-trigger.ts';
export { createGeneric, type GenericOptions } from './generic/index.ts';
export { dealEventJsonSchema, formEventJsonSchema } from './generic/json-schema.ts';
export { createHubSpot, type HubSpotOptions } from './hubspot/index.ts';
export type { HubSpotSignatureVersion } from './hubspot/signature.ts';
export { leadIdOfAddress } from './lead-id.ts';
export type { PipedriveOptions } from './pipedrive/index.ts';
export {
  type Crm,
  type CrmContact,
  CrmError,
  type CrmErrorCode,
  type CrmForms,
  type CrmLeads,
  type CrmName,
  type CrmWrite,
  type CrmWriteResult,
  crmNameSchema,
  type Deal,
  type DealSignal,
  dealSchema,
  type FormLead,
  type FormLeadsPage,
  type FormLeadsQuery,
  type FormSubmission,
  formSubmissionSchema,
  type InboundRequest,
  type Lead,
  type LeadSignal,
  leadSchema,
  TriggerRefused,
  type TriggerRefusedCode,
  type Verified,
  type WonDeal,
  type WonDealsPage,
  type WonDealsQuery,
} from './port.ts';
export type { SalesforceOptions } from './salesforce/index.ts';
