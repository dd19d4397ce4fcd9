import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAccessToken } from '../credentials.ts';
import { HubspotError } from '../errors.ts';
import { hubspotErrorBody } from '../http/error-bodies.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { describeIssues, jsonOf, NotJson, paramOf, pathOf } from '../http/read.ts';
import { bearerOf, sandboxedOf } from '../http/sandboxed-of.ts';
import type { CrmDeal } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { changeDeal } from './deals.ts';
import type { EngagementKind } from './engagements.ts';
import { engagementBodySchema, engagementsOf, makeEngagement, propertiesBodySchema } from './engagements.ts';
import type { AssociatedKind } from './views.ts';
import { associationView, objectView } from './views.ts';

/** The dated version whose paths are played. */
const VERSION = '2026-03';
const OBJECTS = `/crm/objects/${VERSION}`;

const batchReadSchema = z.looseObject({
  properties: z.array(z.string()).default([]),
  inputs: z
    .array(z.looseObject({ id: z.union([z.string(), z.int()]).transform(String) }))
    .max(100, 'A batch reads at most 100 objects'),
});
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

/** A small CRM behind HubSpot's paths: deals, contacts, companies, owners, notes and tasks. */
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
    const deal = sandboxedOf(request).workspace.state.crm.deals.get(paramOf(request, 'id'));
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
      if (changed.includes('dealstage')) {
        const value = properties.dealstage ?? '';
        const change = { objectId: deal.id, property: 'dealstage', value, changeSource: 'INTEGRATION' } as const;
        notices.add([notices.event(change)]);
      }
      return objectView(deal, 'deal', Object.keys(properties));
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
      const all = associated(sandboxedOf(request).workspace, dealOf(request), kind);
      const from = Number(after ?? 0);
      const results = all.slice(from, from + limit).map(({ id, labels }) => associationView(kind, id, labels));
      const paging = from + limit < all.length ? { paging: { next: { after: String(from + limit) } } } : {};
      return { results, ...paging };
    });
  }

  const batchRead = (kind: 'contacts' | 'companies' | EngagementKind, view: Parameters<typeof objectView>[1]) => {
    app.post(`${OBJECTS}/${kind}/batch/read`, async (request, reply) => {
      const { workspace } = sandboxedOf(request);
      const { properties, inputs } = readBody(request, batchReadSchema);
      const startedAt = new Date(workspace.now()).toISOString();
      const ids = [...new Set(inputs.map(({ id }) => id))];
      const objects = workspace.state.crm[kind];
      const results = ids.flatMap((id) => {
        const object = objects.get(id);
        return object === undefined ? [] : [objectView(object, view, properties)];
      });
      const missing = ids.filter((id) => !objects.has(id));
      const answer = { status: 'COMPLETE', results, startedAt, completedAt: startedAt };
      if (missing.length === 0) return answer;
      const message = `Could not get some ${kind.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`;
      const errors = [{ status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids: missing } }];
      return reply.code(207).send({ ...answer, numErrors: 1, errors });
    });
  };
  batchRead('contacts', 'contact');
  batchRead('companies', 'company');
  batchRead('notes', 'engagement');
  batchRead('tasks', 'engagement');

  app.get(`${OBJECTS}/companies/:id`, async (request) => {
    const company = sandboxedOf(request).workspace.state.crm.companies.get(paramOf(request, 'id'));
    if (company === undefined) throw gone();
    return objectView(company, 'company', check(readQuerySchema, request.query).properties);
  });

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
