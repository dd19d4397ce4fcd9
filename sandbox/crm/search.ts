import { z } from 'zod';
import { HubspotError } from '../errors.ts';
import type { Collection } from '../state/collection.ts';
import type { CrmObject } from '../state/schema.ts';
import { propertyOf } from './deals.ts';
import { idsInOrder, placeAbove } from './record-order.ts';

/** HubSpot's limits for a search: https://developers.hubspot.com, "Search the CRM". */
const MOST = { groups: 5, filtersOfGroup: 6, filters: 18, pageSize: 200, results: 10_000 } as const;
/** A longer body is refused with 400. */
export const MOST_SEARCH_CHARACTERS = 3_000;

const valueSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const ONE_VALUE = ['EQ', 'NEQ', 'GT', 'GTE', 'LT', 'LTE'] as const;
const filterSchema = z.discriminatedUnion('operator', [
  z.looseObject({ propertyName: z.string().min(1), operator: z.enum(ONE_VALUE), value: valueSchema }),
  z.looseObject({
    propertyName: z.string().min(1),
    operator: z.literal('BETWEEN'),
    value: valueSchema,
    highValue: valueSchema,
  }),
  z.looseObject({
    propertyName: z.string().min(1),
    operator: z.enum(['IN', 'NOT_IN']),
    values: z.array(valueSchema).min(1),
  }),
  z.looseObject({ propertyName: z.string().min(1), operator: z.enum(['HAS_PROPERTY', 'NOT_HAS_PROPERTY']) }),
]);
type Filter = z.output<typeof filterSchema>;
const groupSchema = z.looseObject({ filters: z.array(filterSchema).max(MOST.filtersOfGroup) });
const sortSchema = z.union([
  z.string().transform((propertyName) => ({ propertyName, direction: 'ASCENDING' as const })),
  z.looseObject({ propertyName: z.string(), direction: z.enum(['ASCENDING', 'DESCENDING']).default('ASCENDING') }),
]);

export const searchBodySchema = z.strictObject({
  filterGroups: z.array(groupSchema).max(MOST.groups).default([]),
  /** Short for one group. */
  filters: z.array(filterSchema).max(MOST.filtersOfGroup).optional(),
  sorts: z.array(sortSchema).max(1, 'Only one sorting rule can be applied').default([]),
  properties: z.array(z.string()).default([]),
  limit: z.coerce.number().int().min(1).max(MOST.pageSize).default(10),
  after: z
    .union([z.string().regex(/^\d{1,9}$/, 'after must be an integer'), z.int().nonnegative()])
    .transform(Number)
    .default(0),
});
export type SearchBody = z.output<typeof searchBodySchema>;

/**
 * The deals or contacts that a search finds.
 *
 * @returns how many there are, and those of the page
 * @throws HubspotError 400 beyond HubSpot's limits
 */
export function searchRecords<T extends CrmObject>(
  records: Collection<T>,
  body: SearchBody,
): { total: number; page: T[] } {
  const groups = [
    ...body.filterGroups.map(({ filters }) => filters),
    ...(body.filters === undefined ? [] : [body.filters]),
  ];
  if (groups.length > MOST.groups || groups.flat().length > MOST.filters) {
    throw refused(`at most ${MOST.groups} filter groups with ${MOST.filters} filters in all are supported`);
  }
  if (body.after + body.limit > MOST.results) {
    throw refused(`paging past ${MOST.results} results is not supported`);
  }
  const [sort] = body.sorts;
  const isKeyOrder = sort === undefined || sort.propertyName === 'hs_object_id';
  const ordered = idsInOrder(records);
  // Only one group: all of what it finds has ids above its highest GT.
  const start = groups.length === 1 ? placeAbove(ordered, lowestId(groups[0] ?? [])) : 0;
  const tests = groups.map((filters) => filters.map(testOf));
  const found: T[] = [];
  for (let place = start; place < ordered.length; place += 1) {
    const deal = records.peek(ordered[place] ?? '');
    if (deal !== undefined && (tests.length === 0 || tests.some((group) => group.every((test) => test(deal))))) {
      found.push(deal);
    }
  }
  if (!isKeyOrder) sortBy(found, sort.propertyName);
  if (sort?.direction === 'DESCENDING') found.reverse();
  return { total: found.length, page: found.slice(body.after, body.after + body.limit) };
}

function refused(why: string): HubspotError {
  return new HubspotError(400, 'VALIDATION_ERROR', `There was a problem with the request: ${why}.`);
}

function lowestId(filters: readonly Filter[]): number {
  const above = filters.flatMap((filter) =>
    filter.propertyName === 'hs_object_id' && filter.operator === 'GT' ? [Number(filter.value)] : [],
  );
  return Math.max(-1, ...above.filter((id) => !Number.isNaN(id)));
}

function sortBy<T extends CrmObject>(found: T[], property: string): void {
  const keyed = found.map((deal) => ({ deal, key: comparable(property, searchedValue(deal, property) ?? '') }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  found.splice(0, found.length, ...keyed.map(({ deal }) => deal));
}

const DATES = new Set(['closedate', 'createdate', 'hs_lastmodifieddate', 'recent_conversion_date']);
const NUMBERS = new Set(['hs_object_id', 'amount']);
/** Compared letter by letter; everything else is found in either case. */
const ENUMERATIONS = new Set(['dealstage', 'pipeline', 'hubspot_owner_id', 'hs_is_closed', 'hs_is_closed_won']);

/** A property as a search sees it, those among them that every object has. */
function searchedValue(deal: CrmObject, property: string): string | null {
  switch (property) {
    case 'hs_object_id':
      return deal.id;
    case 'createdate':
      return deal.createdAt;
    case 'hs_lastmodifieddate':
      return deal.updatedAt;
    default:
      return propertyOf(deal.properties, property);
  }
}

/** What two values are compared by. Dates are given in milliseconds or in ISO 8601. */
function comparable(property: string, value: string): number | string {
  if (DATES.has(property)) return /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (NUMBERS.has(property)) return Number(value);
  return ENUMERATIONS.has(property) ? value : value.toLowerCase();
}

function testOf(filter: Filter): (deal: CrmObject) => boolean {
  const { propertyName, operator } = filter;
  switch (operator) {
    case 'HAS_PROPERTY':
      return (deal) => hasValue(searchedValue(deal, propertyName));
    case 'NOT_HAS_PROPERTY':
      return (deal) => !hasValue(searchedValue(deal, propertyName));
    case 'IN':
    case 'NOT_IN': {
      // Values of a text property must be given in lower case: others are never found.
      const wanted = new Set(filter.values);
      const isIn = (value: string) => wanted.has(ENUMERATIONS.has(propertyName) ? value : value.toLowerCase());
      return given(propertyName, (value) => isIn(value) === (operator === 'IN'));
    }
    case 'BETWEEN': {
      const [low, high] = [bound(propertyName, filter.value), bound(propertyName, filter.highValue)];
      return comparing(propertyName, (value) => value >= low && value <= high);
    }
    default: {
      const other = bound(propertyName, filter.value);
      return comparing(propertyName, COMPARISONS[operator](other));
    }
  }
}

type Comparable = number | string;
const COMPARISONS: Readonly<Record<(typeof ONE_VALUE)[number], (other: Comparable) => (value: Comparable) => boolean>> =
  {
    EQ: (other) => (value) => value === other,
    NEQ: (other) => (value) => value !== other,
    GT: (other) => (value) => value > other,
    GTE: (other) => (value) => value >= other,
    LT: (other) => (value) => value < other,
    LTE: (other) => (value) => value <= other,
  };

function bound(property: string, value: string): Comparable {
  const read = comparable(property, value);
  if (typeof read === 'number' && Number.isNaN(read)) throw refused(`"${value}" is no value of ${property}`);
  return read;
}

function comparing(property: string, test: (value: Comparable) => boolean): (deal: CrmObject) => boolean {
  return given(property, (value) => test(comparable(property, value)));
}

/** A deal without a value is not found, whatever is said of it. */
function given(property: string, test: (value: string) => boolean): (deal: CrmObject) => boolean {
  return (deal) => {
    const value = searchedValue(deal, property);
    return hasValue(value) && test(value);
  };
}

function hasValue(value: string | null): value is string {
  return value !== null && value !== '';
}
