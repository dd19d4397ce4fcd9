import { z } from 'zod';

/**
 * Every kind of CRM there is. A new one is its folder, and a line here.
 *
 * The folders are imported when asked for: what they are made of must know the names in this list.
 */
export const KINDS = {
  hubspot: async () => (await import('./hubspot/adapter.ts')).hubspot,
  salesforce: async () => (await import('./salesforce/adapter.ts')).salesforce,
  pipedrive: async () => (await import('./pipedrive/adapter.ts')).pipedrive,
  generic: async () => (await import('./generic/adapter.ts')).generic,
};

/** The CRMs Kickoff can read. `generic` is any system that posts our own signed JSON. */
export type CrmName = keyof typeof KINDS;

const isCrmName = (key: string): key is CrmName => Object.hasOwn(KINDS, key);

export const crmNameSchema = z.enum(Object.keys(KINDS).filter(isCrmName));
