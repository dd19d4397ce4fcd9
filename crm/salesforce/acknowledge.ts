import { OUTBOUND_NAMESPACE } from './outbound-message.ts';

/**
 * What Salesforce wants to hear: HTTP 200 with this envelope, for the whole message. Anything else counts as not delivered
 * and is repeated, with growing gaps, for 24 h.
 */
export const SALESFORCE_ACK = {
  contentType: 'text/xml; charset=utf-8',
  body: [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">',
    '<soapenv:Body>',
    `<notificationsResponse xmlns="${OUTBOUND_NAMESPACE}"><Ack>true</Ack></notificationsResponse>`,
    '</soapenv:Body>',
    '</soapenv:Envelope>',
  ].join(''),
} as const;
