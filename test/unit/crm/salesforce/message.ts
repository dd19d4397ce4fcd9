/** The fields of a notification's record; written with the prefix `sf`. */
export interface Sent {
  notificationId?: string;
  type?: string;
  fields?: Record<string, string>;
}

export const ORGANIZATION_ID = '00DHs0000000001MAA';

/** An Outbound Message as Salesforce writes it. */
export function outboundMessage(sent: Sent[] = [{}], organizationId = ORGANIZATION_ID): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organizationId}</OrganizationId>
   <ActionId>04kHs0000000001IAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/65.0/00DHs0000000001</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/65.0/00DHs0000000001</PartnerUrl>
${sent.map(notification).join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
}

function notification({ notificationId = '04lHs0000000001IAA', type = 'Opportunity', fields = {} }: Sent): string {
  const all = { Id: '006Hs00001AbCdEIAV', ...fields };
  const elements = Object.entries(all).map(([name, value]) => `     <sf:${name}>${value}</sf:${name}>`);
  return `   <Notification>
    <Id>${notificationId}</Id>
    <sObject xsi:type="sf:${type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${elements.join('\n')}
    </sObject>
   </Notification>`;
}
