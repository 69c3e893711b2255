/** MessageHeader, computed from the archive: what of a message may be told without its content. Its id is `run-number`. */
import type { JsonObject } from '../core/json.js';
import { objects, text } from '../fhir/members.js';
import { mayAccess } from './access.js';
import type { ArchivedMessage, Ask } from './facade-parts.js';
import { instant, type Served, serveResources } from './serve-resource.js';
import { storedTypes } from './served-types.js';

const idForm = /^(\d{1,9})-(\d{1,15})$/;

/** Reads the MessageHeader of one of the tenant's messages; undefined where there is none, or it has no event. */
export async function readMessageHeader(ask: Ask, id: string): Promise<Served | undefined> {
  const [, run, number] = idForm.exec(id) ?? [];
  if (run === undefined || number === undefined || `${Number(run)}-${Number(number)}` !== id) return undefined;
  const message = await ask.parts.messages.get(ask.principal.tenant, { run: Number(run), number: Number(number) });
  const resource = message === undefined ? undefined : messageHeaderOf(ask, id, message);
  if (message === undefined || resource === undefined) return undefined;
  const given = { name: `MessageHeader/${id}`, resource, versionId: '1', lastUpdated: message.arrival };
  const [served] = await serveResources(ask, [given]);
  return served === undefined ? undefined : { ...served, resource: eachOnce(served.resource), r4: eachOnce(served.r4) };
}

/** What was merged since is led to one resource, which is named once. `data` is DSTU2's name of `focus`. */
function eachOnce(header: JsonObject): JsonObject {
  const name = header.data === undefined ? 'focus' : 'data';
  const seen = new Set<string>();
  const once = objects(header[name]).filter(({ reference }) => {
    const known = text(reference) ?? '';
    return !seen.has(known) && seen.add(known);
  });
  return once.length === 0 ? header : { ...header, [name]: once };
}

/** After the guide's map of MSH: the event is MSH-9.2, source MSH-3, sender MSH-4; `focus` is what the message made. */
function messageHeaderOf(ask: Ask, id: string, message: ArchivedMessage): JsonObject | undefined {
  const event = message.type.split('^')[1] ?? '';
  if (event === '') return undefined;
  const [application = '', facility = ''] = message.sender.split('|').map((name) => name.split('^')[0] ?? '');
  const focus = message.made.filter(({ type }) => storedTypes.includes(type) && mayAccess(ask.principal, 'read', type));
  return {
    resourceType: 'MessageHeader',
    id,
    meta: { versionId: '1', lastUpdated: instant(message.arrival) },
    eventCoding: { system: 'http://terminology.hl7.org/CodeSystem/v2-0003', code: event },
    ...(facility === '' ? {} : { sender: { display: facility } }),
    source: {
      ...(application === '' ? {} : { name: application }),
      endpoint: `urn:wardline:listener:${encodeURIComponent(message.listener)}`,
    },
    ...(focus.length === 0 ? {} : { focus: focus.map((made) => ({ reference: `${made.type}/${made.id}` })) }),
  };
}
