import { Collection } from './collection.ts';
import { Journal } from './journal.ts';
import type { CrmDeal, CrmObject, Delivery, Engagement, IdempotentAnswer, MeetingRequestRecord } from './schema.ts';
import {
  crmDealSchema,
  crmObjectSchema,
  deliverySchema,
  engagementSchema,
  idempotencySchema,
  idempotencySlot,
  meetingRequestRecordSchema,
} from './schema.ts';

/** What there may be tens of thousands of: each has a line of its own in the state file. Everything else is one line. */
export const COLLECTIONS = [
  'requests',
  'deliveries',
  'idempotency',
  'crm.deals',
  'crm.contacts',
  'crm.companies',
  'crm.notes',
  'crm.tasks',
] as const;
export type CollectionName = (typeof COLLECTIONS)[number];

/** The collections and the journal, where a state has them. */
export interface Bulk {
  requests: Collection<MeetingRequestRecord>;
  deliveries: Collection<Delivery>;
  idempotency: Collection<IdempotentAnswer>;
  journal: Journal;
  crm: {
    deals: Collection<CrmDeal>;
    contacts: Collection<CrmObject>;
    companies: Collection<CrmObject>;
    notes: Collection<Engagement>;
    tasks: Collection<Engagement>;
  };
}

export function emptyBulk(): Bulk {
  return {
    requests: new Collection(),
    deliveries: new Collection(),
    idempotency: new Collection(),
    journal: new Journal(),
    crm: {
      deals: new Collection(),
      contacts: new Collection(),
      companies: new Collection(),
      notes: new Collection(),
      tasks: new Collection(),
    },
  };
}

/** What all collections have in common, whatever is in them. */
interface AnyCollection {
  watch(): void;
  unwatch(): string[];
  peek(id: string): object | undefined;
  values(): Iterable<object>;
  delete(id: string): boolean;
}

export function collectionOf(bulk: Bulk, name: CollectionName): AnyCollection {
  switch (name) {
    case 'requests':
    case 'deliveries':
    case 'idempotency':
      return bulk[name];
    case 'crm.deals':
      return bulk.crm.deals;
    case 'crm.contacts':
      return bulk.crm.contacts;
    case 'crm.companies':
      return bulk.crm.companies;
    case 'crm.notes':
      return bulk.crm.notes;
    case 'crm.tasks':
      return bulk.crm.tasks;
  }
}

/** Puts a record that was written down where it belongs. @throws ZodError for one that is not what it says */
export function putRecord(bulk: Bulk, name: CollectionName, written: unknown): void {
  const put = <T extends { id: string }>(collection: Collection<T>, record: T) => collection.set(record.id, record);
  switch (name) {
    case 'requests':
      return void put(bulk.requests, meetingRequestRecordSchema.parse(written));
    case 'deliveries':
      return void put(bulk.deliveries, deliverySchema.parse(written));
    case 'idempotency': {
      const answer = idempotencySchema.parse(written);
      return void bulk.idempotency.set(idempotencySlot(answer.keyId, answer.key), answer);
    }
    case 'crm.deals':
      return void put(bulk.crm.deals, crmDealSchema.parse(written));
    case 'crm.contacts':
      return void put(bulk.crm.contacts, crmObjectSchema.parse(written));
    case 'crm.companies':
      return void put(bulk.crm.companies, crmObjectSchema.parse(written));
    case 'crm.notes':
      return void put(bulk.crm.notes, engagementSchema.parse(written));
    case 'crm.tasks':
      return void put(bulk.crm.tasks, engagementSchema.parse(written));
  }
}
