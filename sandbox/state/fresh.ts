import { randomBytes } from 'node:crypto';
import { API_SCOPES } from '../../skipup/schemas.ts';
import { putContact } from '../crm/put-contact.ts';
import { putDeal } from '../crm/put-deal.ts';
import { acmeColleague, acmeDeal, acmeOrganizer } from '../fixtures/acme.ts';
import type { Fixture } from '../fixtures/people.ts';
import { SAMPLE_LEAD_ID, sampleLead } from '../fixtures/sample-lead.ts';
import type { NamespaceOptions } from '../options.ts';
import { idFrom } from '../seed.ts';
import { clockReading, configuredClock } from '../time/clock.ts';
import { iso } from '../time/instant.ts';
import { Collection } from './collection.ts';
import { Journal } from './journal.ts';
import type { State } from './schema.ts';
import { countIn } from './schema.ts';
import { changeSettings, DEFAULT_SETTINGS } from './settings.ts';

/** A throw-away secret. These are random even under a seed: whoever reads the seed in a log has no key yet. */
export function newSecret(prefix: string): string {
  return `${prefix}${randomBytes(20).toString('hex')}`;
}

/** A sandbox at its start: the members, the main key, the Acme deal, one who may become a lead, and nothing that has happened. */
export function freshState(options: NamespaceOptions, real: number): State {
  const seed = options.seed ?? randomBytes(8).toString('hex');
  const clock = configuredClock(options.clock, real);
  const now = clockReading(clock, real);
  const mainKeyId = idFrom('key', seed, 'main');
  const apiKey = options.apiKey ?? newSecret('sk_sandbox_');
  const state: State = {
    seed,
    counters: new Collection(),
    clock,
    settings: changeSettings(DEFAULT_SETTINGS, options.settings),
    mainKeyId,
    webhookSecret: options.webhookSecret ?? null,
    everybody: {},
    people: new Collection(),
    keys: Collection.of(
      [{ id: mainKeyId, name: 'main', key: apiKey, scopes: [...API_SCOPES], calls: [] }],
      ({ id }) => id,
    ),
    members: new Collection(),
    requests: new Collection(),
    endpoints: new Collection(),
    deliveries: new Collection(),
    idempotency: new Collection(),
    tasks: [],
    faults: [],
    crm: {
      accessToken: options.hubspot.accessToken ?? newSecret('pat-sandbox-'),
      clientSecret: options.hubspot.clientSecret ?? newSecret(''),
      webhookUrl: options.hubspot.webhookUrl ?? null,
      deals: new Collection(),
      contacts: new Collection(),
      companies: new Collection(),
      owners: new Collection(),
      notes: new Collection(),
      tasks: new Collection(),
      meetings: new Collection(),
      notices: new Collection(),
      merged: new Collection(),
    },
    slack: [],
    journal: new Journal(),
  };
  applyFixture(state, { people: {}, everybody: {}, members: [acmeOrganizer, acmeColleague] }, now);
  applyFixture(state, options.fixture, now);
  putDeal(state.crm, acmeDeal.id, acmeDeal, now);
  putContact(state.crm, SAMPLE_LEAD_ID, sampleLead, now);
  return state;
}

/** Lays a fixture over the state: habits are replaced, members added. Members that the state already has stay as they are. */
export function applyFixture(state: State, fixture: Fixture, now: number): void {
  state.everybody = { ...state.everybody, ...fixture.everybody };
  for (const [given, habits] of Object.entries(fixture.people)) {
    const email = given.toLowerCase();
    state.people.set(email, { email, habits });
  }
  for (const { timezone, ...member } of fixture.members) {
    const email = member.email.toLowerCase();
    if (state.members.has(email)) continue;
    const id = idFrom('mem', state.seed, email);
    const zone = timezone === undefined ? {} : { timezone };
    state.members.set(email, {
      ...member,
      ...zone,
      seq: countIn(state, 'mem'),
      id,
      email,
      deactivatedAt: null,
      createdAt: iso(now),
    });
  }
}

/**
 * What the options say now, laid over a state that was loaded: what is asked for wins, what is left out stays as it was.
 * A clock that was moved stays moved unless another clock is asked for.
 */
export function applyOptions(state: State, options: NamespaceOptions, real: number): void {
  if (options.clock !== undefined && JSON.stringify(options.clock) !== JSON.stringify(state.clock.configured)) {
    state.clock = configuredClock(options.clock, real);
  }
  state.seed = options.seed ?? state.seed;
  state.settings = changeSettings(state.settings, options.settings);
  state.webhookSecret = options.webhookSecret ?? state.webhookSecret;
  const main = state.keys.get(state.mainKeyId);
  if (main !== undefined && options.apiKey !== undefined) main.key = options.apiKey;
  state.crm.accessToken = options.hubspot.accessToken ?? state.crm.accessToken;
  state.crm.clientSecret = options.hubspot.clientSecret ?? state.crm.clientSecret;
  state.crm.webhookUrl = options.hubspot.webhookUrl ?? state.crm.webhookUrl;
  applyFixture(state, options.fixture, clockReading(state.clock, real));
}
