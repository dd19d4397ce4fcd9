/**
 * Present names of zones that ICU, and therefore `Intl`, still spells the old way. Source: the IANA `backward` file.
 * Both spellings mean the same zone; people and other systems expect the present one.
 */
const PRESENT_NAMES: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/**
 * The IANA zone behind a value of HubSpot's contact property `hs_timezone`.
 *
 * The values are lower-cased zone names in which `/` is written `_slash_` and `-` is written `_hyphen_`:
 * `us_slash_eastern` → `America/New_York`, `america_slash_port_hyphen_au_hyphen_prince` → `America/Port-au-Prince`.
 * `Intl` compares names without regard to case and follows links, which gives the proper spelling back.
 *
 * @returns undefined for an empty or unknown value: the person then has no time zone, which is reported as a gap
 */
export function zoneOfHubSpot(value: string | null | undefined): string | undefined {
  if (value === null || value === undefined || !/^[A-Za-z0-9_+/-]{1,100}$/.test(value)) {
    return undefined;
  }
  const name = value.replaceAll('_slash_', '/').replaceAll('_hyphen_', '-').replaceAll('_plus_', '+');
  const zone = resolve(name);
  return zone === undefined ? undefined : (PRESENT_NAMES[zone] ?? zone);
}

function resolve(name: string): string | undefined {
  try {
    const zone = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    // A bare offset ("+01:00") is taken by newer engines; it is not a zone.
    return /^[+-]/.test(zone) ? undefined : zone;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
