import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openEmptied } from '../../harness/databases.ts';
import { newDeal, winQuietly } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';
import { consoleAt, openConsole, type Page, signIn, type TestConsole } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
const WAIT = { timeout: 20_000, interval: 100 };

/** What a form of the page carries in hidden fields. */
function hidden(text: string, action: string): Record<string, string> {
  const form = text.split('<form ').find((part) => part.includes(`action="${action}"`)) ?? '';
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[String(name)] ?? "'",
  );
}

describeStack('the console on the whole stack', (stack) => {
  let get: TestConsole;
  const attempt = async (action: string, fields: Record<string, string>): Promise<Page & { answer: string }> => {
    const sent = await get.post(`/actions/${action}`, { attempt: randomUUID(), reason: 'because', ...fields });
    const to = sent.headers.get('location');
    if (to === null) return { ...sent, answer: sent.text };
    const shown = await get(to);
    return { ...sent, answer: unescaped(/<p class="answer [^>]*>([\s\S]*?)<\/p>/.exec(shown.text)?.[1] ?? '') };
  };

  beforeAll(async () => {
    const { serveUrl, services } = stack();
    get = consoleAt(serveUrl, await signIn(services.database, serveUrl, 'operator'));
  });

  it('shows first what a kickoff would be, starts it once however often that is sent, and says that it is joined', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    const { text, status } = await get(`/start?deal=${dealId}`);
    expect(status).toBe(200);
    expect(text).toContain('nothing was started or written');
    expect(text).toContain(`impl:${dealId}:kickoff:`);
    expect(text).toContain('Whom it would invite');
    expect(text).toMatch(/\/registry\/account\?id=/);
    const form = hidden(text, '/actions/start.dispatch');
    expect(form).toMatchObject({ on: `kickoff:${dealId}`, dealId });

    const sent = { ...form, reason: 'the webhook was lost' };
    const [first, second] = await Promise.all([1, 2].map(async () => await attempt('start.dispatch', sent)));
    expect(first?.status).toBe(303);
    expect(decodeURIComponent(first?.headers.get('location') ?? '')).toContain(`/kickoffs/kickoff:${dealId}?answer=`);
    expect(second?.headers.get('location')).toBe(first?.headers.get('location'));
    expect(first?.answer).toContain('started');
    const row = await stack()
      .services.database.db.selectFrom('kickoffs')
      .selectAll()
      .where('deal_id', '=', dealId)
      .execute();
    expect(row).toMatchObject([{ revision: 1, origin: { kind: 'manual', reference: 'olive' } }]);

    const again = await get(`/start?deal=${dealId}`);
    expect(again.text).toContain('It would be joined');
    expect(again.text).not.toContain('action="/actions/start.dispatch"');
  });

  it('says which field of a whole deal is not right, with what was typed, and starts one that is', async () => {
    const typed = {
      id: `form-${randomUUID().slice(0, 8)}`,
      name: `${HOSTILE} deal`,
      account_id: 'globex',
      account_name: 'Globex',
      deal_crm: 'hubspot',
      owner_email: 'csm@vendor.example',
      contact_2_email: 'sam@globex.example',
      contact_2_labels: 'Champion, Billing contact',
      contact_2_timezone: 'Europe/London',
    };
    const wrong = await get.post('/start/deal', { ...typed, deal_crm: 'salesforce', amount: 'much' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="fault-amount"');
    expect(wrong.text).not.toMatch(/<script>|<img/);
    const foreign = await get.post('/start/deal', { ...typed, deal_crm: 'salesforce' });
    expect(foreign.status).toBe(422);
    expect(foreign.text).toContain('id="fault-deal_crm"');

    const right = await get.post('/start/deal', typed);
    expect(right.status).toBe(200);
    expect(right.text).toContain('The deal is not won. It is started all the same');
    expect(right.text).toContain('<bdi>sam@globex.example</bdi>');
    expect(right.text).toContain('champion, billing');
    expect(right.text).not.toMatch(/<script>|<img/);
    const started = await attempt('start.dispatch', hidden(right.text, '/actions/start.dispatch'));
    expect(started.answer).toContain('started');
    // What it names people with is in no log.
    const [logged] = await stack()
      .services.database.db.selectFrom('audit_log')
      .select('input')
      .where('target', '=', `kickoff:${typed.id}`)
      .where('kind', '=', 'asked')
      .execute();
    expect(JSON.stringify(logged)).not.toContain('sam@globex.example');
  });

  it('says so when the CRM does not know the deal', async () => {
    const { status, text } = await get('/start?deal=404');
    expect(status).toBe(422);
    expect(text).toContain('There is no deal 404 in hubspot');
  });

  it('starts a backfill as a dry run, shows what it would start, and refuses by field what cannot be', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    const form = (await get('/actions/backfill.start?on=backfill%3Anew')).text;
    expect(form).toMatch(/name="dry_run" value="yes" checked/);
    const wrong = await attempt('backfill.start', {
      on: 'backfill:new',
      crm: 'hubspot',
      from: '2999-01-01',
      dry_run: 'yes',
    });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="fault-from"');
    const sent = { on: 'backfill:new', crm: 'hubspot', from: '2020-01-01', limit: '5', dry_run: 'yes' };
    const started = await attempt('backfill.start', sent);
    expect(started.status).toBe(303);
    const path = (started.headers.get('location') ?? '').split('?')[0] ?? '';
    await vi.waitFor(async () => {
      const { text } = await get(path);
      expect(text).toContain('What it would start');
      expect(text).toContain('Start it in earnest');
    }, WAIT);
    await vi.waitFor(async () => {
      const { text } = await get('/backfills');
      expect(text).toContain('backfill:hubspot:2020-01-01:now:dry-run');
      expect(text).toContain('HubSpot, won deals, dry run');
    }, WAIT);
  });

  it('pauses, resumes, slows and cancels a backfill that runs', async () => {
    for (let deal = 0; deal < 3; deal += 1) await winQuietly(stack(), await newDeal(stack()));
    const started = await attempt('backfill.start', {
      on: 'backfill:new',
      crm: 'hubspot',
      from: '2020-01-01',
      to: '2998-01-01',
      rate: '1',
    });
    const path = (started.headers.get('location') ?? '').split('?')[0] ?? '';
    const on = decodeURIComponent(path.slice('/backfills/'.length));
    expect((await attempt('backfill.pause', { on })).answer).toContain('The backfill');
    await vi.waitFor(async () => expect((await get(path)).text).toContain('>Paused<'), WAIT);
    expect((await get(path)).text).toContain('/actions/backfill.resume?');
    expect((await attempt('backfill.changeRate', { on, rate: 'fast' })).status).toBe(422);
    expect((await attempt('backfill.changeRate', { on, rate: '7' })).answer).toContain('7 a minute');
    expect((await attempt('backfill.resume', { on })).answer).toContain('goes on');
    expect((await attempt('backfill.resume', { on })).answer).toContain('not paused');
    expect((await attempt('backfill.cancel', { on, reason: 'enough' })).answer).toContain('cancelled');
    await vi.waitFor(async () => expect((await get(path)).text).toContain('Cancelled (enough)'), WAIT);
    expect((await get(`/actions/backfill.pause?on=${encodeURIComponent(on)}`)).text).toContain('It has ended');
  });

  it('takes a lead up by hand, lets it go on, opts it out, and tells its story', async () => {
    const email = `sarah-${randomUUID().slice(0, 8)}@globex.example`;
    const neither = await attempt('lead.start', { on: 'lead:new' });
    expect(neither.status).toBe(422);
    expect(neither.text).toContain('id="fault-lead"');
    const taken = await attempt('lead.start', {
      on: 'lead:new',
      email,
      name: 'Sarah Chen',
      company: 'Globex',
      form: 'Demo',
    });
    expect(taken.answer).toContain('has started');
    const path = (taken.headers.get('location') ?? '').split('?')[0] ?? '';
    const on = decodeURIComponent(path.slice('/leads/'.length));
    await vi.waitFor(
      async () => expect((await get(path)).text).toContain('It waits for the lead to book by itself'),
      WAIT,
    );
    expect((await attempt('lead.proceed', { on })).status).toBe(303);
    await vi.waitFor(async () => expect((await get(path)).text).toContain('What it needs'), WAIT);
    const refused = await attempt('lead.pause', { on });
    expect(refused.answer).toContain('It does not take this as it stands');
    expect((await attempt('lead.cancel', { on, reason: 'met at a fair' })).status).toBe(303);
    expect((await attempt('lead.optOut', { on, reason: 'asked for it' })).answer).toContain('is not written to again');
    await vi.waitFor(async () => {
      const { text } = await get(path);
      for (const words of [
        'Taken up',
        'Cancel this recovery',
        'met at a fair',
        'The address has opted out',
        'It is over',
      ]) {
        expect(text).toContain(words);
      }
    }, WAIT);
    const found = await get(`/leads?q=${encodeURIComponent(email)}`);
    expect(found.text).toContain('Sarah Chen, Globex');
  });

  it('shows what somebody organizes, and gives it to a colleague who is refused when SkipUp does not know them', async () => {
    const nobody = await get.post('/hand-overs', { email: 'nobody@vendor.example' });
    expect(nobody.text).toContain('organizes nothing that is open');
    expect((await get('/hand-overs')).text).toContain('None: everybody who organizes something is there.');
    const { db } = stack().services.database;
    const row = await vi.waitFor(async () => {
      const found = await db
        .selectFrom('meeting_requests')
        .select('organizer_email')
        .where('request_id', 'is not', null)
        .executeTakeFirst();
      expect(found).toBeDefined();
      return found;
    }, WAIT);
    const email = row?.organizer_email ?? '';
    const looked = await get.post('/hand-overs', { email });
    const [link = ''] = looked.text.match(/\/actions\/handOver\.to\?[^"]+/) ?? [];
    const query = new URLSearchParams(unescaped(link).split('?')[1]);
    const fields = { on: query.get('on') ?? '', email: query.get('email') ?? '' };
    expect(fields.email).toBe(email);
    expect((await get(unescaped(link))).text).toContain('To whom');
    expect((await attempt('handOver.to', { ...fields, to: email })).text).toContain('That is the same person.');
    expect((await attempt('handOver.to', { ...fields, on: 'hand-over:other', to: 'x@vendor.example' })).status).toBe(
      404,
    );
    const given = await attempt('handOver.to', { ...fields, to: 'stranger@elsewhere.example' });
    expect(given.answer).toMatch(/stranger@elsewhere\.example/);
  });
});

describe('starting one without Temporal', () => {
  it('says that nobody answers, keeps what was typed, and needs no script', async () => {
    const get = await openConsole(await openEmptied());
    const { status, text } = await get(`/start?deal=${encodeURIComponent(HOSTILE)}`);
    expect(status).toBe(503);
    expect(text).toContain('Temporal cannot be reached');
    expect(text).toContain('value="&lt;script&gt;');
    expect(text).not.toMatch(/<script>|<img/);
  });

  it('asks for more rows without asking anything else, and for what is missing beside each field', async () => {
    const get = await openConsole(await openEmptied(), {
      crms: ['generic', 'hubspot', 'salesforce'],
      workstreams: ['data'],
    });
    expect((await get('/start')).text).toContain('<option value="salesforce">Salesforce</option>');
    const more = await get.post('/start/deal', { id: 'x', more: '6', contact_1_email: 'a@b.example' });
    expect(more.status).toBe(200);
    expect(more.text).toContain('id="field-contact_12_email"');
    expect(more.text).not.toContain('id="field-contact_13_email"');
    expect(more.text).toContain('value="a@b.example"');
    const empty = await get.post('/start/deal', { id: '', owner_name: 'Cy' });
    expect(empty.status).toBe(422);
    for (const field of ['id', 'name', 'account_name', 'account_id', 'owner_email']) {
      expect(empty.text).toContain(`id="fault-${field}"`);
    }
    for (const json of ['', '{"id":', '[1]', '"deal"', 'x'.repeat(60_001)]) {
      expect((await get.post('/start/deal', { json })).text).toContain('id="fault-json"');
    }
    expect((await get.post('/start/deal', { csrf: 'foreign', id: 'x' })).status).toBe(403);
  });

  it('gives a viewer the rehearsal and no button, and the action to nobody whose form is not whole', async () => {
    const database = await openEmptied();
    const viewer = await openConsole(database, { as: 'viewer' });
    expect((await viewer('/start')).status).toBe(200);
    expect((await viewer('/actions/start.dispatch?on=kickoff%3A5&dealId=5')).status).toBe(403);
    const get = await openConsole(database);
    expect((await get('/actions/start.dispatch?on=kickoff%3A6&dealId=5')).status).toBe(404);
    expect((await get('/actions/start.dispatch?on=kickoff%3A5&dealId=5&whole=%7B')).status).toBe(404);
    expect((await get('/actions/start.dispatch?on=kickoff%3A5&dealId=5')).text).toContain('Whom would it invite?');
  });
});
