import type { Json, JsonObject } from '../../core/json.js';
import { changed, objects, renamed } from '../members.js';

/** R4 Provenance to STU3: a moment is a period without length, agents and entities name what they point to. */
export function stu3Provenance(source: JsonObject): JsonObject {
  const moment = source.occurredDateTime;
  const out = renamed(source, { occurredPeriod: 'period', occurredDateTime: null, _occurredDateTime: null });
  return changed(out, {
    ...(moment === undefined ? {} : { period: { start: moment, end: moment } }),
    agent: agents(source.agent),
    entity:
      source.entity === undefined
        ? undefined
        : objects(source.entity).map((entity) =>
            changed(renamed(entity, { what: 'whatReference' }), { agent: agents(entity.agent) }),
          ),
  });
}

/** The kind of agent joins its roles: STU3 and DSTU2 have one list for both. */
function agents(value: Json | undefined): JsonObject[] | undefined {
  if (value === undefined) return undefined;
  return objects(value).map((agent) => {
    const role = [...objects(agent.type), ...objects(agent.role)];
    return changed(renamed(agent, { who: 'whoReference', onBehalfOf: 'onBehalfOfReference', type: null }), {
      role: role.length > 0 ? role : undefined,
    });
  });
}
