import { describe, expect, it } from 'vitest';
import { zoneOfHubSpot } from '../../../crm/hubspot/timezone.ts';

describe('the time zone of a HubSpot contact', () => {
  it.each([
    ['us_slash_eastern', 'America/New_York'],
    ['us_slash_central', 'America/Chicago'],
    ['us_slash_pacific', 'America/Los_Angeles'],
    ['us_slash_east_hyphen_indiana', 'America/Indiana/Indianapolis'],
    ['canada_slash_atlantic', 'America/Halifax'],
    ['america_slash_port_hyphen_au_hyphen_prince', 'America/Port-au-Prince'],
    ['america_slash_argentina_slash_buenos_aires', 'America/Argentina/Buenos_Aires'],
    ['america_slash_indiana_slash_tell_city', 'America/Indiana/Tell_City'],
    ['africa_slash_dar_es_salaam', 'Africa/Dar_es_Salaam'],
    ['europe_slash_isle_of_man', 'Europe/Isle_of_Man'],
    ['antarctica_slash_dumontdurville', 'Antarctica/DumontDUrville'],
    ['asia_slash_kolkata', 'Asia/Kolkata'],
    ['asia_slash_calcutta', 'Asia/Kolkata'],
    ['europe_slash_kiev', 'Europe/Kyiv'],
    ['brazil_slash_denoronha', 'America/Noronha'],
    ['japan', 'Asia/Tokyo'],
    ['eire', 'Europe/Dublin'],
    ['America/New_York', 'America/New_York'],
  ])('%s is %s', (value, zone) => {
    expect(zoneOfHubSpot(value)).toBe(zone);
  });

  it('is found for every zone that the platform knows, written in HubSpot’s way', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const spelled = zones.map((zone) => zone.toLowerCase().replaceAll('/', '_slash_').replaceAll('-', '_hyphen_'));
    const offsetOf = (zone: string | undefined) =>
      zone === undefined
        ? undefined
        : new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).format(0);
    expect(spelled.map((value) => offsetOf(zoneOfHubSpot(value)))).toEqual(zones.map(offsetOf));
  });

  it.each([null, undefined, '', 'nowhere', 'us_slash_nowhere', '+01:00', '_plus_01', 'a'.repeat(101), 'a;b'])(
    '%j is none',
    (value) => {
      expect(zoneOfHubSpot(value)).toBeUndefined();
    },
  );
});
