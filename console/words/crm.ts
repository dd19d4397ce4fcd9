const NAMES = new Map([
  ['hubspot', 'HubSpot'],
  ['salesforce', 'Salesforce'],
  ['pipedrive', 'Pipedrive'],
  ['generic', 'generic trigger'],
]);

/** A CRM as its users call it. */
export function crmName(crm: string): string {
  return NAMES.get(crm) ?? crm;
}
