import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { returnTo } from '../access/return-to.ts';
import type { AddPages } from '../context.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isTimeZone } from '../page/zone.ts';
import { send } from '../send.ts';
import type { Visit } from '../visit.ts';
import { chosenZone, isChosenZone, ZONE_COOKIE } from './zone-cookie.ts';

const ZONE_PATH = '/zone';
const YEAR_SECONDS = 31_536_000;
/** UTC is not among those that the engine lists, and is what most servers' logs are in. */
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

const formSchema = z.object({
  zone: z.string().trim().max(100).default(''),
  to: z.string().optional(),
  own: z.string().optional(),
});

/** `/zone`: in which zone times are shown. */
export const addZone: AddPages = (app, { access, now }) => {
  app.get(ZONE_PATH, async (request, reply) =>
    send(reply, zonePage(request.visit, now(), { to: cameFrom(request), isChosen: isChosen(request) })),
  );

  app.post(ZONE_PATH, async (request, reply) => {
    const posted = formSchema.safeParse(request.body);
    const { zone, to, own } = posted.success ? posted.data : { zone: '', to: undefined, own: undefined };
    const cookie = { path: '/', sameSite: 'lax', secure: access.secureCookies } as const;
    if (own !== undefined) {
      return reply.clearCookie(ZONE_COOKIE, cookie).redirect(returnTo(to), 303);
    }
    if (!isTimeZone(zone)) {
      const fault = zone === '' ? 'Name a zone.' : `There is no zone “${zone}”: choose one of the list.`;
      const again = { to: returnTo(to), isChosen: isChosen(request), zone, fault };
      return send(reply.code(422), zonePage(request.visit, now(), again));
    }
    return reply
      .setCookie(ZONE_COOKIE, chosenZone(zone), { ...cookie, maxAge: YEAR_SECONDS })
      .redirect(returnTo(to), 303);
  });
};

interface ZoneForm {
  /** Where they came from. */
  to: string;
  isChosen: boolean;
  /** As it was typed. */
  zone?: string;
  /** What is wrong with it. */
  fault?: string;
}

function zonePage(visit: Visit, now: Date, { to, isChosen, zone = visit.zone, fault }: ZoneForm): Markup {
  return page(
    visit,
    { title: 'Time zone' },
    html`<h1>Time zone</h1>
<p>It is ${instant(now, visit.zone)}. ${isChosen ? 'This zone was chosen here.' : 'This zone is the browser’s own, or UTC where it does not say.'}</p>
<form class="action" method="post" action="${ZONE_PATH}">
<input type="hidden" name="csrf" value="${visit.csrfToken}">
<input type="hidden" name="to" value="${to}">
<div class="field">
<label for="zone">Show times in</label>
<input id="zone" name="zone" list="zones" value="${zone}" autocomplete="off" spellcheck="false" maxlength="100"${fault !== undefined && html` aria-invalid="true" aria-describedby="zone-fault"`}>
<datalist id="zones">${ZONES.map((each) => html`<option value="${each}"></option>`)}</datalist>
${fault !== undefined && html`<p class="error" id="zone-fault">${fault}</p>`}<p class="hint">A city of that zone, such as Europe/Berlin or America/New_York.</p>
</div>
<p><button class="primary" type="submit">Use this zone</button> ${isChosen && html`<button type="submit" name="own" value="1">Use the browser’s own</button> `}<a href="${to}">Back</a></p>
</form>`,
  );
}

function isChosen({ cookies }: FastifyRequest): boolean {
  return isChosenZone(cookies[ZONE_COOKIE]);
}

/** The page of the console on which the link here was followed. */
function cameFrom({ headers, host }: FastifyRequest): string {
  const { referer } = headers;
  if (referer === undefined || !URL.canParse(referer)) return returnTo(undefined);
  const { host: from, pathname, search } = new URL(referer);
  return from === host && pathname !== ZONE_PATH ? returnTo(`${pathname}${search}`) : returnTo(undefined);
}
