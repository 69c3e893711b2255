/** Everything that convergence speaks of in one tenant's store, in a form that can be compared. */
import { canonicalJson, type JsonObject } from '../../src/core/json.js';
import { compareStamps } from '../../src/core/stamp.js';
import { decodeState, stampOfTuple, stampTuple } from '../../src/engine/document-state.js';
import type { ResourcePort, StoredDocument } from '../../src/store/resource-port.js';

/** Of each document ever made: what it shows, for whom it stands, and its registers with their stamps. */
export async function tenantPicture(
  resources: Pick<ResourcePort, 'read'>,
  tenant: string,
  ids: Iterable<string>,
): Promise<Record<string, JsonObject>> {
  const byType = new Map<string, string[]>();
  for (const name of [...new Set(ids)].sort()) {
    const [type = '', id = ''] = name.split('/');
    byType.set(type, [...(byType.get(type) ?? []), id]);
  }
  const picture: Record<string, JsonObject> = {};
  for (const [type, wanted] of byType) {
    for (const document of await resources.read(tenant, type, wanted))
      picture[`${type}/${document.id}`] = pictureOf(document);
  }
  return picture;
}

function pictureOf(document: StoredDocument): JsonObject {
  const { registers, rank } = decodeState(document.state, document.resource);
  for (const touch of document.touches) {
    const stamp = stampOfTuple(touch.stamp);
    for (const name of JSON.parse(touch.registers) as string[]) {
      const register = registers.get(name);
      if (register !== undefined && compareStamps(stamp, register.stamp) > 0)
        registers.set(name, { ...register, stamp });
    }
  }
  return {
    shows: document.resource,
    members: [...document.members],
    standsFor: document.standsFor,
    moved: [...document.moved],
    rank,
    registers: [...registers]
      .map(([name, { value, stamp }]) => `${name} = ${canonicalJson(value)} @ ${stampTuple(stamp).join()}`)
      .sort(),
  };
}
