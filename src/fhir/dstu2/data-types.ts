import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { renderSystemUri } from '../system-uri.js';
import { typeInVersion } from '../version.js';

/** Turns an STU3 value of a data type into DSTU2 (cross-version maps, data types); the same object where nothing changes. */
export function dstu2DataType(type: string, value: JsonObject): JsonObject {
  switch (type) {
    case 'Coding':
      return coding(value);
    case 'ContactPoint':
      return value.system === 'sms' || value.system === 'url' ? { ...value, system: 'other' } : value;
    case 'Reference':
      return reference(value);
    case 'Timing':
      return timing(value);
    case 'Extension':
      return extension(value);
    default:
      return value;
  }
}

/** What a rule takes over from the R4 resource still carries R4's system URIs. */
function coding(value: JsonObject): JsonObject {
  const system = text(value.system);
  const rendered = system === undefined ? undefined : renderSystemUri('DSTU2', system);
  return rendered === undefined || rendered === system ? value : { ...value, system: rendered };
}

/** The STU3 names of the types that DSTU2 names otherwise. */
function typeInDstu2(type: string): string {
  return type === 'ProcedureRequest' ? 'DiagnosticOrder' : typeInVersion('DSTU2', type);
}

/** DSTU2 has no logical references: the identifier's value is shown where nothing else names the target. */
function reference(value: JsonObject): JsonObject {
  const target = text(value.reference);
  const slash = target?.indexOf('/') ?? -1;
  let out = value;
  if (isJsonObject(value.identifier)) {
    const shown = text(value.identifier.value);
    const named = value.reference !== undefined || value.display !== undefined || shown === undefined;
    out = changed(out, { identifier: undefined, ...(named ? {} : { display: shown }) });
  }
  if (target === undefined || slash < 1) return out;
  const type = target.slice(0, slash);
  const name = typeInDstu2(type);
  return name === type ? out : { ...out, reference: name + target.slice(slash) };
}

function timing(value: JsonObject): JsonObject {
  if (!isJsonObject(value.repeat)) return value;
  return {
    ...value,
    repeat: renamed(value.repeat, {
      durationUnit: 'durationUnits',
      periodUnit: 'periodUnits',
      boundsDuration: 'boundsQuantity',
    }),
  };
}

/** DSTU2 extensions carry the quantities' kinds (Age, Duration, …) as plain quantities. */
function extension(value: JsonObject): JsonObject {
  const kinds = ['valueAge', 'valueCount', 'valueDistance', 'valueDuration', 'valueMoney'];
  if (!kinds.some((kind) => value[kind] !== undefined)) return value;
  return renamed(value, Object.fromEntries(kinds.map((kind) => [kind, 'valueQuantity'])));
}

/**
 * A Dosage as the orders and statements of DSTU2 spell it: one instruction, the site as a concept, no rate as a quantity.
 * `dose` names the dose: `dose` in orders and dispenses, `quantity` in statements.
 */
export function dstu2Dosage(value: JsonObject, dose: 'dose' | 'quantity'): JsonObject {
  const [instruction] = objects(value.additionalInstruction);
  const out = renamed(value, {
    additionalInstruction: null,
    site: 'siteCodeableConcept',
    ...(dose === 'quantity' ? { doseQuantity: 'quantityQuantity', doseRange: 'quantityRange' } : {}),
  });
  return instruction === undefined || dose === 'quantity' ? out : { ...out, additionalInstructions: instruction };
}
