import type { Json } from '../core/json.js';
import { definitionsOf } from './definitions/definition-files.js';
import { narrativeProblem } from './narrative.js';
import { parseDateRange } from './search-date.js';
import type { FhirVersion } from './version.js';

const numbers: ReadonlySet<string> = new Set(['integer', 'decimal', 'unsignedInt', 'positiveInt']);
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** A dateTime with a time has seconds and a zone (R4 §2.24.0.1); DSTU2's own pattern says the same. */
const dateTimeForm = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/;
/** Linear, unlike STU3's published pattern, which takes exponential time on some texts. */
const code = /^\S+(\s\S+)*$/;

const patterns = new Map<string, RegExp | null>();

/**
 * What is wrong with a primitive of a type in a version, or null: its JSON type, its pattern, its range, and whether a date
 * is a real one. The answer never repeats the value.
 */
export function primitiveProblem(version: FhirVersion, type: string, value: Json): string | null {
  if (type === 'boolean') return typeof value === 'boolean' ? null : 'must be true or false';
  if (numbers.has(type)) return numberProblem(version, type, value);
  if (typeof value !== 'string') return 'must be a JSON string';
  if (value === '') return 'must not be an empty string';
  if (type === 'xhtml') return narrativeProblem(value);
  return dateProblem(type, value) ?? textProblem(version, type, value);
}

function numberProblem(version: FhirVersion, type: string, value: Json): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a JSON number';
  if (type === 'decimal') return matchesPattern(version, type, JSON.stringify(value)) ? null : 'is not a valid decimal';
  const least = type === 'positiveInt' ? 1 : type === 'unsignedInt' ? 0 : -2_147_483_648;
  const whole = Number.isInteger(value) && value >= least && value <= 2_147_483_647;
  return whole ? null : `is not a valid ${type}`;
}

function dateProblem(type: string, value: string): string | null {
  const form = type === 'instant' ? instant : type === 'dateTime' || type === 'date' ? dateTimeForm : null;
  if (form === null) return null;
  const real = form.test(value) && parseDateRange(value) !== null && !(type === 'date' && value.includes('T'));
  return real ? null : `is not a real ${type}`;
}

function textProblem(version: FhirVersion, type: string, value: string): string | null {
  if (type === 'base64Binary') return isBase64(value) ? null : 'is not valid base64';
  if (type === 'code') return code.test(value) ? null : 'is not a valid code';
  if (type === 'uri' || type === 'url' || type === 'canonical') return /\s/.test(value) ? 'must not hold spaces' : null;
  if (/^\s*$/.test(value)) return 'must hold more than spaces';
  return matchesPattern(version, type, value) ? null : `is not a valid ${type}`;
}

/** Without a regular expression over the whole: documents of megabytes stand here. */
function isBase64(value: string): boolean {
  if (/[^0-9a-zA-Z+/=\s]/.test(value)) return false;
  const compact = /\s/.test(value) ? value.replaceAll(/\s+/g, '') : value;
  const padding = compact.indexOf('=');
  const end = padding < 0 ? '' : compact.slice(padding);
  return compact.length > 0 && compact.length % 4 === 0 && (end === '' || end === '=' || end === '==');
}

function matchesPattern(version: FhirVersion, type: string, text: string): boolean {
  const key = `${version} ${type}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    const source = definitionsOf(version).types[type]?.elements['value']?.pattern;
    pattern = source === undefined || type === 'string' || type === 'markdown' ? null : new RegExp(`^(?:${source})$`);
    patterns.set(key, pattern);
  }
  return pattern === null || pattern.test(text);
}
