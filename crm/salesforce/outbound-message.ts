import { isRecordId, parseRecordId } from './record-id.ts';
import { attributeOf, childOf, childrenOf, malformed, namespaceOf, parseXml, textOf, type XmlElement } from './xml.ts';

/** https://developer.salesforce.com, SOAP API Developer Guide, "Understanding the Outbound Messaging WSDL". */
export const OUTBOUND_NAMESPACE = 'http://soap.sforce.com/2005/09/outbound';

/** Salesforce's documented limit for one message. */
const MAX_NOTIFICATIONS = 100;

/** One record of a message, with those of its fields that matter here and that the message was set up to carry. */
export interface OutboundNotification {
  /** The same in every repeat of a notification. */
  id: string;
  /** `Opportunity`, `Contact`, … */
  objectType: string;
  /** 18 characters. */
  recordId: string;
  /** When the record was changed, as Salesforce writes it. */
  changedAt: string | undefined;
}

export interface OutboundMessage {
  /** 15 or 18 characters, of which the first 15 tell. */
  organizationId: string;
  notifications: OutboundNotification[];
}

/**
 * Reads a SOAP Outbound Message. The session id that it may carry is never looked at.
 *
 * @throws TriggerRefused `malformed_body`, naming the notification and the element
 */
export function parseOutboundMessage(body: Uint8Array): OutboundMessage {
  const notifications = openEnvelope(parseXml(body));
  const list = childrenOf(notifications, 'Notification');
  if (list.length === 0 || list.length > MAX_NOTIFICATIONS) {
    throw malformed(`has ${list.length} notifications; Salesforce sends 1 to ${MAX_NOTIFICATIONS}`);
  }
  return {
    organizationId: idIn(notifications, 'OrganizationId', 'notifications'),
    notifications: list.map((notification, index) => notificationOf(notification, `Notification ${index + 1}`)),
  };
}

function openEnvelope(document: XmlElement): XmlElement {
  const envelope = childOf(document, 'Envelope') ?? {};
  const body = childOf(envelope, 'Body') ?? {};
  const notifications = childOf(body, 'notifications');
  if (notifications === undefined) {
    throw malformed('has no Envelope with a Body with notifications');
  }
  if (namespaceOf([envelope, body], 'notifications') !== OUTBOUND_NAMESPACE) {
    throw malformed(`has notifications of another namespace than ${OUTBOUND_NAMESPACE}`);
  }
  return notifications;
}

function notificationOf(notification: XmlElement, where: string): OutboundNotification {
  const record = childOf(notification, 'sObject');
  if (record === undefined) {
    throw malformed(`has no sObject in ${where}`);
  }
  const recordId = parseRecordId(idIn(record, 'Id', `the sObject of ${where}`));
  if (recordId === undefined) {
    throw malformed(`has an Id in the sObject of ${where} whose last three characters do not fit the others`);
  }
  return {
    id: idIn(notification, 'Id', where),
    recordId,
    objectType: objectTypeOf(record, recordId),
    changedAt: textOf(record, 'SystemModstamp') ?? textOf(record, 'LastModifiedDate'),
  };
}

/** `xsi:type="sf:Opportunity"`; without it the id tells, because every Opportunity's begins with 006. */
function objectTypeOf(record: XmlElement, recordId: string): string {
  const type = attributeOf(record, 'type');
  if (type !== undefined) {
    return type.slice(type.indexOf(':') + 1);
  }
  return recordId.startsWith('006') ? 'Opportunity' : 'record of unknown type';
}

function idIn(element: XmlElement, name: string, where: string): string {
  const id = textOf(element, name);
  if (id === undefined || !isRecordId(id)) {
    throw malformed(`has no Salesforce id of 15 or 18 characters as ${name} of ${where}`);
  }
  return id;
}
