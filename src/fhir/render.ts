import type { JsonObject } from '../core/json.js';
import { conformResource } from './conform.js';
import type { Conforming } from './conform-values.js';
import { dstu2DataType } from './dstu2/data-types.js';
import { withPractitionerRoles } from './dstu2/practitioner.js';
import { dstu2Rules } from './dstu2/rules.js';
import { text } from './members.js';
import { withSoundRules } from './sound-rules.js';
import { stu3DataType } from './stu3/data-types.js';
import { stu3Rules } from './stu3/rules.js';
import type { FhirVersion } from './version.js';

/** Resources that a version folds into the one that is rendered. */
export interface Related {
  /** R4 PractitionerRole resources of a Practitioner, for DSTU2. */
  readonly roles?: readonly JsonObject[];
}

/**
 * An R4 resource in a version: R4 itself, R4 → STU3, or R4 → STU3 → DSTU2. Only what the version defines stands in it;
 * required elements that the data lack carry data-absent-reason. Never changes its input and shares what did not change.
 * @returns null where the resource has no place in that version: a type it does not have, or a record that it could only
 * show as something else (an encounter entered in error in DSTU2, an order not to give a medication before R4)
 */
export function renderResource(version: FhirVersion, resource: JsonObject, related: Related = {}): JsonObject | null {
  if (version === 'R4') return renderR4(resource);
  if (version === 'STU3') return renderStu3(resource, intoStu3);
  const stu3 = renderStu3(resource, throughStu3);
  if (stu3 === null) return null;
  if (stu3.resourceType !== 'Practitioner') return renderDstu2(stu3, resource);
  const roles = (related.roles ?? []).map((role) => renderStu3(role, throughStu3)).filter((role) => role !== null);
  return renderDstu2(withPractitionerRoles(stu3, roles), resource);
}

const r4: Conforming = {
  version: 'R4',
  fill: true,
  dataType: (_type, value) => value,
  resource: renderR4,
};

const intoStu3: Conforming = {
  version: 'STU3',
  fill: true,
  dataType: stu3DataType,
  resource: (resource) => renderStu3(resource, intoStu3),
};

/** On the way to DSTU2 nothing is marked as absent that only STU3 requires. */
const throughStu3: Conforming = {
  ...intoStu3,
  fill: false,
  resource: (resource) => renderStu3(resource, throughStu3),
};

const intoDstu2: Conforming = {
  version: 'DSTU2',
  fill: true,
  dataType: dstu2DataType,
  resource: (resource) => renderDstu2(resource, resource),
};

function renderR4(resource: JsonObject): JsonObject | null {
  return conformResource(withSoundRules(resource), r4);
}

function renderStu3(resource: JsonObject, how: Conforming): JsonObject | null {
  const type = text(resource.resourceType) ?? '';
  const rule = Object.hasOwn(stu3Rules, type) ? stu3Rules[type] : undefined;
  const sound = withSoundRules(resource);
  const changed = rule === undefined ? sound : rule(sound);
  return changed === null ? null : conformResource(changed, how);
}

function renderDstu2(stu3: JsonObject, original: JsonObject): JsonObject | null {
  const type = text(stu3.resourceType) ?? '';
  const rule = Object.hasOwn(dstu2Rules, type) ? dstu2Rules[type] : undefined;
  const changed = rule === undefined ? stu3 : rule(stu3, original);
  return changed === null ? null : conformResource(changed, intoDstu2);
}
