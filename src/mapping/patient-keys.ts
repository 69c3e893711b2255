import { groupMessage } from '../hl7/grouping.js';
import type { Hl7Message } from '../hl7/message.js';
import { structureOf } from '../hl7/structures.js';
import { type CompiledMapping, setFor } from './compile.js';
import type { MapContext } from './map-message.js';
import { Run } from './run.js';

/**
 * The keys of every patient that the PID segments of a message name, further listed identifiers included, as a map would
 * make them: so that a message without a map, or one that a filter keeps out, is still found with its patient.
 * Takes nothing but its arguments and never throws on what a message holds.
 */
export function patientKeys(
  mapping: CompiledMapping,
  message: Hl7Message,
  context: MapContext,
): readonly (readonly string[])[] {
  const set = setFor(mapping, `${message.header.value(3)}|${message.header.value(4)}`);
  for (const { grammar, stored } of set.messages.values()) {
    const build = stored.list.find(({ type, feeds }) => type === 'Patient' && feeds[0]?.segment === 'PID');
    if (build === undefined) continue;
    const { structure, event } = structureOf(message);
    const zone = context.listenerZone ?? context.tenant.zone;
    const run = new Run(groupMessage(message, grammar), structure, event, context.tenant, zone, undefined, set.events);
    return message.all('PID').flatMap((segment) => {
      run.segment = segment;
      run.group = run.grouped.groupOf(segment);
      const key = build.key(run, undefined);
      return key === undefined ? [] : [key.parts, ...key.also];
    });
  }
  return [];
}
