const CODE = /^([A-Z]{2})(?:-[A-Z0-9]{1,3})?$/;
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/**
 * Whether it names a country, or a subdivision of one, in ISO's letters: `DE`, `DE-BY`, `US-CA`. Of a subdivision only the
 * form is looked at. `UK` is none: ISO 3166-1 says `GB`.
 */
export function isCountry(code: string): boolean {
  const country = CODE.exec(code)?.[1];
  if (country === undefined || names.of(country) === undefined) return false;
  return new Intl.Locale(`und-${country}`).region === country;
}
