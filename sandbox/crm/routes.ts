import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAccessToken } from '../credentials.ts';
import { HubspotError } from '../errors.ts';
import { hubspotErrorBody, hubspotRateBody } from '../http/error-bodies.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { describeIssues, jsonOf, NotJson, paramOf, pathOf } from '../http/read.ts';
import { bearerOf, sandboxedOf } from '../http/sandboxed-of.ts';
import type { CrmDeal, CrmObject } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { changeContact, contactOfAddress, meetingsOf } from './contacts.ts';
import { changeDeal } from './deals.ts';
import { engagementBodySchema, engagementsOf, makeEngagement, propertiesBodySchema } from './engagements.ts';
import { versionsOf } from './history.ts';
import { dealUnder, mergeDeals } from './merge.ts';
import { MOST_SEARCH_CHARACTERS, searchBodySchema, searchRecords } from './search.ts';
import { countSearch } from './search-rate.ts';
import type { AssociatedKind } from './views.ts';
import { associationView, contactAssociationView, objectView } from './views.ts';

/** The dated version whose paths are played. */
const VERSION = '2026-03';
const OBJECTS = `/crm/objects/${VERSION}`;

const idSchema = z.union([z.string(), z.int()]).transform(String);
const batchReadSchema = z.looseObject({
  properties: z.array(z.string()).default([]),
  propertiesWithHistory: z.array(z.string()).default([]),
  inputs: z.array(z.looseObject({ id: idSchema })).max(100, 'A batch reads at most 100 objects'),
  idProperty: z.string().optional(),
});
/** With histories a batch is smaller. */
const MOST_HISTORIES = 50;
const mergeBodySchema = z.strictObject({ primaryObjectId: idSchema, objectIdToMerge: idSchema });
const readQuerySchema = z.looseObject({
  properties: z
    .union([z.string(), z.array(z.string())])
    .default('')
    .transform((given) =>
      [given]
        .flat()
        .flatMap((names) => names.split(','))
        .filter((name) => name !== ''),
    ),
});
const pageQuerySchema = z.looseObject({
  limit: z.coerce.number().int().min(1).max(500).default(500),
  after: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
});

function check<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new HubspotError(400, 'VALIDATION_ERROR', `Invalid input: ${describeIssues(parsed.error)}`);
}

function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  try {
    return check(schema, jsonOf(request) ?? {});
  } catch (error) {
    if (error instanceof NotJson) throw new HubspotError(400, 'VALIDATION_ERROR', 'Invalid input JSON');
    throw error;
  }
}

function gone(): HubspotError {
  return new HubspotError(404, 'OBJECT_NOT_FOUND', 'Object not found.  objectId are usually numeric.');
}

/** An object, with the versions of the properties that were asked for. Only deals keep theirs. */
function withHistory(
  object: CrmObject,
  view: Parameters<typeof objectView>[1],
  asked: readonly string[],
  histories: readonly string[],
) {
  const shown = objectView(object, view, asked);
  if (histories.length === 0 || !isDeal(object)) return shown;
  const versions = histories.map((name) => [name, versionsOf(object, name)] as const);
  return { ...shown, propertiesWithHistory: Object.fromEntries(versions) };
}

function isDeal(object: CrmObject): object is CrmDeal {
  return 'history' in object;
}

/** Reads and changes of one contact, and what is associated with it. */
function contactRoutes(app: FastifyInstance): void {
  const contactOf = (request: FastifyRequest): CrmObject => {
    const contact = sandboxedOf(request).workspace.state.crm.contacts.get(paramOf(request, 'id'));
    if (contact === undefined) throw gone();
    return contact;
  };
  for (const type of ['0-1', 'contacts']) {
    app.get(`${OBJECTS}/${type}/:id`, async (request) =>
      objectView(contactOf(request), 'contact', check(readQuerySchema, request.query).properties),
    );
    app.patch(`${OBJECTS}/${type}/:id`, async (request) => {
      const contact = contactOf(request);
      const { properties } = readBody(request, propertiesBodySchema);
      changeContact(sandboxedOf(request).workspace, contact, properties, 'api');
      return objectView(contact, 'contact', Object.keys(properties));
    });
  }
  for (const kind of ['notes', 'tasks', 'meetings'] as const) {
    app.get(`${OBJECTS}/contacts/:id/associations/${kind}`, async (request) => {
      const { limit, after } = check(pageQuerySchema, request.query);
      const { workspace } = sandboxedOf(request);
      const { id } = contactOf(request);
      const all = kind === 'meetings' ? meetingsOf(workspace, id) : engagementsOf(workspace, kind, id, 'contact');
      const from = Number(after ?? 0);
      const results = all.slice(from, from + limit).map((found) => contactAssociationView(kind, found.id));
      const paging = from + limit < all.length ? { paging: { next: { after: String(from + limit) } } } : {};
      return { results, ...paging };
    });
  }
}

/** A small CRM behind HubSpot's paths: deals, contacts, companies, owners, meetings, notes and tasks. */
export async function crmApi(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(async (error: unknown, request, reply) => {
    if (error instanceof HubspotError) {
      return reply.code(error.status).send(hubspotErrorBody(error.category, error.message));
    }
    const status = httpStatusOf(error);
    if (status !== undefined) return reply.code(status).send(hubspotErrorBody('VALIDATION_ERROR', messageOf(error)));
    const { log } = sandboxedOf(request).workspace;
    log.error({ err: error, path: pathOf(request) }, 'the sandbox failed to answer a call to the CRM');
    return reply.code(500).send(hubspotErrorBody('INTERNAL_ERROR', 'internal error'));
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(hubspotErrorBody('OBJECT_NOT_FOUND', `No such route: ${request.method} ${pathOf(request)}`)),
  );
  app.addHook('preHandler', async (request) => {
    const token = bearerOf(request);
    if (token !== undefined && isAccessToken(sandboxedOf(request).workspace.state, token)) return;
    const message = 'Authentication credentials not found. This API supports OAuth 2.0 authentication.';
    throw new HubspotError(401, 'INVALID_AUTHENTICATION', message);
  });

  const dealOf = (request: FastifyRequest): CrmDeal => {
    const deal = dealUnder(sandboxedOf(request).workspace.state.crm, paramOf(request, 'id'));
    if (deal === undefined) throw gone();
    return deal;
  };

  for (const type of ['0-3', 'deals']) {
    app.get(`${OBJECTS}/${type}/:id`, async (request) => {
      const deal = dealOf(request);
      return objectView(deal, 'deal', check(readQuerySchema, request.query).properties);
    });
    app.patch(`${OBJECTS}/${type}/:id`, async (request) => {
      const { workspace, notices } = sandboxedOf(request);
      const deal = dealOf(request);
      const { properties } = readBody(request, propertiesBodySchema);
      const changed = changeDeal(workspace, deal, properties, 'api');
      const { crmTellsEveryProperty } = workspace.state.settings;
      const told = changed.filter((property) => crmTellsEveryProperty || property === 'dealstage');
      const source = { objectId: deal.id, changeSource: 'INTEGRATION' } as const;
      const events = told.map((property) => notices.event({ ...source, property, value: properties[property] ?? '' }));
      if (events.length > 0) notices.add(events);
      return objectView(deal, 'deal', Object.keys(properties));
    });
  }

  const searches = [
    { types: ['0-3', 'deals'], view: 'deal', records: 'deals' },
    { types: ['0-1', 'contacts'], view: 'contact', records: 'contacts' },
  ] as const;
  for (const { types, view, records } of searches) {
    for (const type of types)
      app.post(`${OBJECTS}/${type}/search`, async (request, reply) => {
        const { workspace } = sandboxedOf(request);
        // No header tells of the limit, before or after.
        if (!countSearch(workspace)) return reply.code(429).send(hubspotRateBody('SECONDLY'));
        if (typeof request.body === 'string' && request.body.length > MOST_SEARCH_CHARACTERS) {
          throw new HubspotError(400, 'VALIDATION_ERROR', `A search has at most ${MOST_SEARCH_CHARACTERS} characters.`);
        }
        const body = readBody(request, searchBodySchema);
        const { total, page } = searchRecords<CrmObject>(workspace.state.crm[records], body);
        const end = body.after + page.length;
        const results = page.map((found) => objectView(found, view, body.properties));
        return { total, results, ...(end < total ? { paging: { next: { after: String(end) } } } : {}) };
      });
  }
  for (const type of ['0-3', 'deals']) {
    app.post(`${OBJECTS}/${type}/merge`, async (request) => {
      const { workspace, notices } = sandboxedOf(request);
      const { primaryObjectId, objectIdToMerge } = readBody(request, mergeBodySchema);
      const { deal, merge } = mergeDeals(workspace, primaryObjectId, objectIdToMerge, 'api');
      notices.add([notices.mergeEvent(merge)]);
      return objectView(deal, 'deal', []);
    });
  }

  /** The ids of a kind that belong to a deal, with the labels of each association. */
  const associated = (
    workspace: Workspace,
    deal: CrmDeal,
    kind: AssociatedKind,
  ): { id: string; labels: string[] }[] => {
    switch (kind) {
      case 'contacts':
        return deal.contacts;
      case 'companies':
        return deal.companyId === null ? [] : [{ id: deal.companyId, labels: ['Primary'] }];
      case 'notes':
      case 'tasks':
        return engagementsOf(workspace, kind, deal.id).map(({ id }) => ({ id, labels: [] }));
    }
  };
  for (const kind of ['contacts', 'companies', 'notes', 'tasks'] as const) {
    app.get(`${OBJECTS}/deals/:id/associations/${kind}`, async (request) => {
      const { limit, after } = check(pageQuerySchema, request.query);
      const deal = dealOf(request);
      // Those of a deal that was merged away are under the new id alone.
      const all = deal.id === paramOf(request, 'id') ? associated(sandboxedOf(request).workspace, deal, kind) : [];
      const from = Number(after ?? 0);
      const results = all.slice(from, from + limit).map(({ id, labels }) => associationView(kind, id, labels));
      const paging = from + limit < all.length ? { paging: { next: { after: String(from + limit) } } } : {};
      return { results, ...paging };
    });
  }

  type View = Parameters<typeof objectView>[1];
  const batchRead = (
    path: string,
    view: View,
    find: (workspace: Workspace, id: string, idProperty: string | undefined) => CrmObject | undefined,
  ) => {
    app.post(`${OBJECTS}/${path}/batch/read`, async (request, reply) => {
      const { workspace } = sandboxedOf(request);
      const { properties, propertiesWithHistory, inputs, idProperty } = readBody(request, batchReadSchema);
      if (propertiesWithHistory.length > 0 && inputs.length > MOST_HISTORIES) {
        const most = `The maximum number of inputs supported in a batch request for property histories is ${MOST_HISTORIES}`;
        throw new HubspotError(400, 'VALIDATION_ERROR', `${most}. Please reduce the number of items and try again`);
      }
      const startedAt = new Date(workspace.now()).toISOString();
      const ids = [...new Set(inputs.map(({ id }) => id))];
      const found = new Map(ids.map((id) => [id, find(workspace, id, idProperty)]));
      const results = [...new Set(found.values())].flatMap((object) =>
        object === undefined ? [] : [withHistory(object, view, properties, propertiesWithHistory)],
      );
      const missing = ids.filter((id) => found.get(id) === undefined);
      const answer = { status: 'COMPLETE', results, startedAt, completedAt: startedAt };
      if (missing.length === 0) return answer;
      const message = `Could not get some ${view.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`;
      const errors = [{ status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids: missing } }];
      return reply.code(207).send({ ...answer, numErrors: 1, errors });
    });
  };
  const contacts = ({ state }: Workspace, id: string, idProperty: string | undefined) =>
    idProperty === 'email' ? contactOfAddress(state.crm.contacts, id) : state.crm.contacts.get(id);
  for (const type of ['0-1', 'contacts']) batchRead(type, 'contact', contacts);
  batchRead('meetings', 'meeting', ({ state }, id) => state.crm.meetings.get(id));
  batchRead('companies', 'company', ({ state }, id) => state.crm.companies.get(id));
  batchRead('notes', 'engagement', ({ state }, id) => state.crm.notes.get(id));
  batchRead('tasks', 'engagement', ({ state }, id) => state.crm.tasks.get(id));
  for (const type of ['0-3', 'deals']) batchRead(type, 'deal', ({ state }, id) => dealUnder(state.crm, id));

  app.get(`${OBJECTS}/companies/:id`, async (request) => {
    const company = sandboxedOf(request).workspace.state.crm.companies.get(paramOf(request, 'id'));
    if (company === undefined) throw gone();
    return objectView(company, 'company', check(readQuerySchema, request.query).properties);
  });

  contactRoutes(app);

  app.get(`/crm/owners/${VERSION}/:id`, async (request) => {
    const owner = sandboxedOf(request).workspace.state.crm.owners.get(paramOf(request, 'id'));
    if (owner === undefined) throw gone();
    return { ...owner, type: 'PERSON', userId: Number(owner.id), archived: false };
  });

  for (const kind of ['notes', 'tasks'] as const) {
    app.post(`${OBJECTS}/${kind}`, async (request, reply) => {
      const body = readBody(request, engagementBodySchema);
      const made = makeEngagement(sandboxedOf(request).workspace, kind, body);
      return reply.code(201).send(objectView(made, 'engagement', Object.keys(made.properties)));
    });
  }
}
