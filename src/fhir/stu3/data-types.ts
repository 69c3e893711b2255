import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { renderSystemUri } from '../system-uri.js';
import { typeInVersion } from '../version.js';

/** Turns an R4 value of a data type into STU3 (cross-version maps, data types); the same object where nothing changes. */
export function stu3DataType(type: string, value: JsonObject): JsonObject {
  switch (type) {
    case 'Coding':
      return coding(value);
    case 'Reference':
      return reference(value);
    case 'Dosage':
      return dosage(value);
    case 'Timing':
      return timing(value);
    case 'Extension':
      return extension(value);
    case 'Meta':
      return value.profile === undefined ? value : changed(value, { profile: undefined });
    case 'Money':
      return money(value);
    case 'Signature':
      return renamed(value, {
        who: 'whoReference',
        onBehalfOf: 'onBehalfOfReference',
        sigFormat: 'contentType',
        data: 'blob',
      });
    default:
      return value;
  }
}

function coding(value: JsonObject): JsonObject {
  const system = text(value.system);
  if (system === undefined) return value;
  const rendered = renderSystemUri('STU3', system);
  return rendered === system ? value : { ...value, system: rendered };
}

function reference(value: JsonObject): JsonObject {
  const target = text(value.reference);
  const slash = target?.indexOf('/') ?? -1;
  if (target === undefined || slash < 1) return value;
  const type = target.slice(0, slash);
  const name = typeInVersion('STU3', type);
  return name === type ? value : { ...value, reference: name + target.slice(slash) };
}

/** R4 allows several doses; the first is the one that STU3 can say. */
function dosage(value: JsonObject): JsonObject {
  const [first] = objects(value.doseAndRate);
  if (first === undefined) return value;
  const { id: _id, extension: _extension, type: _type, ...doseAndRate } = first;
  return { ...changed(value, { doseAndRate: undefined }), ...doseAndRate };
}

/** R4 divides the times of day (`EVE.late`); STU3 knows the whole ones, and no noon. An offset needs its event (tim-9). */
function timing(value: JsonObject): JsonObject {
  const repeat = value.repeat;
  if (!isJsonObject(repeat) || !Array.isArray(repeat.when)) return value;
  const codes = repeat.when.flatMap((code) => text(code)?.split('.')[0] ?? []).filter((code) => code !== 'NOON');
  const when = [...new Set(codes)];
  const none = when.length === 0;
  return {
    ...value,
    repeat: changed(repeat, { when: none ? undefined : when, offset: none ? undefined : repeat.offset }),
  };
}

function extension(value: JsonObject): JsonObject {
  const uri = text(value.valueUri);
  if (uri !== undefined) {
    const rendered = renderSystemUri('STU3', uri);
    return rendered === uri ? value : { ...value, valueUri: rendered };
  }
  if (value.valueUrl === undefined && value.valueCanonical === undefined && value.valueUuid === undefined) return value;
  return renamed(value, { valueUrl: 'valueUri', valueCanonical: 'valueUri', valueUuid: 'valueUri' });
}

/** STU3 writes Money as a Quantity whose code is the currency (ISO 4217). */
function money(value: JsonObject): JsonObject {
  const currency = text(value.currency);
  const rest = changed(value, { currency: undefined });
  return currency === undefined ? rest : { ...rest, unit: currency, system: 'urn:iso:std:iso:4217', code: currency };
}
