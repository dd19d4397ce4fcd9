import type { ServerResponse } from 'node:http';
import type { Call } from './loopback.ts';
import { json } from './loopback.ts';

interface Record_ {
  id: string;
  properties: Record<string, string | null>;
}

/** Records of a portal, in HubSpot's shapes. */
export interface Portal {
  deal: Record_;
  owners: Record<string, object>;
  companies: Record<string, Record_['properties']>;
  contacts: Record<string, Record_['properties']>;
  notes: Record<string, Record_['properties']>;
  tasks: Record<string, Record_['properties']>;
  /** What is associated with the deal, by kind: id and labels. */
  associated: Record<string, [id: string, ...labels: (string | null)[]][]>;
  /** How many associations one page holds. */
  pageSize: number;
}

const isKind = (kind: string | undefined): kind is 'contacts' | 'notes' | 'tasks' | 'companies' =>
  kind === 'contacts' || kind === 'notes' || kind === 'tasks' || kind === 'companies';

/** Answers the calls that Kickoff makes, on HubSpot's dated paths. */
export function answerFrom(portal: Portal): (call: Call, response: ServerResponse) => void {
  return (call, response) => {
    const url = new URL(call.path, 'http://portal');
    const [, crm, family, version, first, second, third, fourth] = url.pathname.split('/');
    const route = `${call.method} ${crm}/${family}/${version}`;
    if (route === 'GET crm/owners/2026-03' && first !== undefined) {
      const owner = portal.owners[first];
      return owner === undefined ? json(response, 404, {}) : json(response, 200, owner);
    }
    if (family !== 'objects' || version !== '2026-03') {
      return json(response, 404, { message: `no such path ${call.path}` });
    }
    if (first === '0-3' && second === portal.deal.id) {
      if (call.method === 'PATCH') {
        Object.assign(portal.deal.properties, Object(call.json).properties);
      }
      return json(response, 200, portal.deal);
    }
    if (first === 'deals' && second === portal.deal.id && third === 'associations' && fourth !== undefined) {
      const start = Number(url.searchParams.get('after') ?? 0);
      const all = portal.associated[fourth] ?? [];
      const results = all.slice(start, start + portal.pageSize).map(([id, ...labels]) => ({
        toObjectId: Number(id),
        associationTypes: labels.map((label) => ({ category: 'USER_DEFINED', typeId: 1, label })),
      }));
      const next =
        start + portal.pageSize < all.length ? { paging: { next: { after: String(start + portal.pageSize) } } } : {};
      return json(response, 200, { results, ...next });
    }
    if (!isKind(first)) {
      return json(response, 404, { message: `no such path ${call.path}` });
    }
    if (second === 'batch' && third === 'read') {
      const ids: string[] = Object(call.json).inputs.map(({ id }: { id: string }) => id);
      const results = ids.flatMap((id) => {
        const properties = portal[first][id];
        return properties === undefined ? [] : [{ id, properties }];
      });
      return json(response, results.length === ids.length ? 200 : 207, { status: 'COMPLETE', results });
    }
    if (call.method === 'POST') {
      const id = String(9_000 + Object.keys(portal[first]).length);
      portal[first][id] = Object(call.json).properties;
      portal.associated[first] = [...(portal.associated[first] ?? []), [id, null]];
      return json(response, 201, { id, properties: portal[first][id] });
    }
    const properties = second === undefined ? undefined : portal[first][second];
    return properties === undefined ? json(response, 404, {}) : json(response, 200, { id: second, properties });
  };
}

/** The deal of the examples: Acme Corp, four contacts of whom one is gone. */
export function acme(): Portal {
  return {
    deal: {
      id: '1148',
      properties: {
        dealname: 'Acme Corp – 12 months',
        dealstage: '75e28846',
        pipeline: 'default',
        amount: '48000.50',
        closedate: '2026-02-08T15:00:00Z',
        deal_currency_code: 'USD',
        hubspot_owner_id: '77',
        hs_is_closed_won: 'true',
      },
    },
    owners: { '77': { id: '77', email: 'Jordan@Vendor.example', firstName: 'Jordan', lastName: 'Lee' } },
    companies: { '500': { name: 'Reseller', domain: null }, '501': { name: 'Acme Corp', domain: 'acme.example' } },
    contacts: {
      '1': {
        email: 'Jamie@Acme.example',
        firstname: 'Jamie',
        lastname: 'Chen',
        hs_timezone: 'us_slash_eastern',
        hs_email_optout: null,
      },
      '2': { email: 'pat@acme.example', firstname: 'Pat', lastname: null, hs_timezone: null, hs_email_optout: 'false' },
      '3': { email: null, firstname: null, lastname: null, hs_timezone: 'nowhere', hs_email_optout: 'true' },
    },
    notes: {},
    tasks: {},
    pageSize: 2,
    associated: {
      companies: [
        ['500', 'Partner'],
        ['501', null, 'Primary'],
      ],
      contacts: [
        ['1', null, 'Champion', 'Project lead'],
        ['2', null],
        ['3', 'Primary', 'Billing contact'],
        ['4', null],
      ],
    },
  };
}
