/** A lead that somebody takes up by hand: one of a CRM by its id, or one that no CRM has, whole. */
export interface LeadToTakeUp {
  crm?: string | undefined;
  leadId?: string | undefined;
  whole?:
    | { email: string; name?: string | undefined; company?: string | undefined; ownerEmail?: string | undefined }
    | undefined;
  /** The form, where the CRM does not say. */
  form?: string | undefined;
  /** Asked at once, without time to book by itself. */
  now: boolean;
  /** Names this attempt for ever. */
  reference: string;
}

/**
 * Takes a lead up: at most one recovery at a time, one a day, and never one that has opted out.
 *
 * @returns `started` false with the reason in words when it is not taken up
 */
export type TakeUpLead = (lead: LeadToTakeUp) => Promise<{ started: boolean; message: string; workflowId?: string }>;
