import type { Json } from '../core/json.js';
import { codeForm } from '../fhir/code-forms.js';
import type { ElementModel } from '../fhir/definitions/type-model.js';
import { valueSetCodes } from '../fhir/definitions/value-sets.js';
import { toFhirDate, toFhirDateTime, toFhirInstant, toFhirTime } from '../hl7/fhir-times.js';
import { isTimestampFault, parseTimeOfDay, parseTimestamp } from '../hl7/timestamps.js';
import type { ValueNode } from '../hl7/value-node.js';
import { converts } from './descriptions.js';
import type { Run } from './run.js';

/** Makes a FHIR primitive of a text; undefined, with a diagnostic, where the type does not allow it. */
export type Convert = (run: Run, node: ValueNode, text: string) => Json | undefined;

const yes = new Set(['Y', 'y', '1', 'true', 'TRUE', 'T', 'YES', 'Yes', 'yes']);
const no = new Set(['N', 'n', '0', 'false', 'FALSE', 'F', 'NO', 'No', 'no']);
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Primitive types that a text can become. */
export const convertible: ReadonlySet<string> = new Set([
  ...['string', 'markdown', 'code', 'uri', 'url', 'canonical', 'oid', 'uuid', 'id', 'base64Binary', 'boolean'],
  ...['decimal', 'integer', 'positiveInt', 'unsignedInt', 'date', 'dateTime', 'instant', 'time'],
]);

/** The converter to a primitive type; a code is checked against the required binding of its element. */
export function converterTo(type: string, element: ElementModel | undefined): Convert {
  switch (type) {
    case 'boolean':
      return (run, node, text) => {
        const said = text.trim();
        if (yes.has(said)) return true;
        if (no.has(said)) return false;
        run.report('warning', 'boolean-invalid', node, 'Y or N expected');
        return undefined;
      };
    case 'decimal':
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return numberConverter(type);
    case 'date':
    case 'dateTime':
    case 'instant':
    case 'time':
      return timeConverter(type);
    case 'code':
      return codeConverter(element);
    case 'uri':
    case 'url':
    case 'canonical':
    case 'oid':
    case 'uuid':
      return (run, node, text) => {
        if (/^\S+$/.test(text)) return text;
        run.report('warning', 'uri-invalid', node, 'a URI has no spaces');
        return undefined;
      };
    case 'id':
      return (run, node, text) => {
        if (/^[A-Za-z0-9.-]{1,64}$/.test(text)) return text;
        run.report('warning', 'id-invalid', node, 'an id has letters, digits, - and . only');
        return undefined;
      };
    case 'base64Binary':
      return (_run, _node, text) => text.replace(/\s+/g, '') || undefined;
    default:
      return converts.as((_run, _node, text) => cleanText(text), { to: 'text' });
  }
}

const controls = /(?![\t\n\r])\p{Cc}/gu;

/** FHIR strings hold no control characters but tab, CR and LF, and are not blank. */
export function cleanText(text: string): string | undefined {
  const clean = holdsControl(text) ? text.replace(controls, '') : text;
  const trimmed = clean.trim();
  return trimmed === '' ? undefined : trimmed;
}

function holdsControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 ? code !== 0x09 && code !== 0x0a && code !== 0x0d : code >= 0x7f && code <= 0x9f) return true;
  }
  return false;
}

function numberConverter(type: string): Convert {
  const least = type === 'positiveInt' ? 1 : type === 'unsignedInt' ? 0 : Number.NEGATIVE_INFINITY;
  const whole = type !== 'decimal';
  return (run, node, text) => {
    const trimmed = text.trim();
    const value = number.test(trimmed) ? Number(trimmed) : Number.NaN;
    const fits =
      Number.isFinite(value) &&
      value >= least &&
      (!whole || (Number.isInteger(value) && Math.abs(value) <= 2147483647));
    if (fits) return value === 0 ? 0 : value;
    run.report('warning', 'number-invalid', node, `a value for ${type} expected`);
    return undefined;
  };
}

function timeConverter(type: 'date' | 'dateTime' | 'instant' | 'time'): Convert {
  return (run, node, text) => {
    const time = type === 'time' ? timeOfDay(text) : parseTimestamp(text);
    if (isTimestampFault(time)) {
      run.report('warning', time.fault === 'impossible' ? 'date-impossible' : 'date-malformed', node, time.detail);
      return undefined;
    }
    if (type === 'time' || !('year' in time)) return toFhirTime(time);
    if (type === 'date') return toFhirDate(time);
    const result = type === 'instant' ? toFhirInstant(time, run.zone) : toFhirDateTime(time, run.zone);
    for (const flag of result.flags) {
      if (flag !== 'filled') run.report('information', `time-${flag}`, node, flagTexts[flag]);
    }
    return result.text;
  };
}

/** The time of day of a TM, or of a DTM that stands where a TM should. */
function timeOfDay(text: string) {
  const time = parseTimeOfDay(text);
  if (!isTimestampFault(time)) return time;
  const whole = parseTimestamp(text);
  return isTimestampFault(whole) || !['hour', 'minute', 'second'].includes(whole.precision) ? time : whole;
}

const flagTexts = {
  'no-zone': 'the time has no zone and none is set for sender, listener or tenant; only its date is kept',
  'repeated-hour': 'the local hour comes twice that day; the first is meant',
  'skipped-hour': 'the local hour does not exist that day; the time moved forward',
  'too-coarse': 'an instant needs a time of day',
};

function codeConverter(element: ElementModel | undefined): Convert {
  const binding = element?.binding?.strength === 'required' ? element.binding.valueSet : undefined;
  const allowed = binding === undefined ? undefined : (valueSetCodes('R4', binding)?.systems ?? undefined);
  const form = (binding === undefined ? undefined : codeForm(binding)) ?? /^\S+(?: \S+)*$/;
  const convert: Convert = (run, node, text) => {
    const code = text.trim();
    if (allowed !== undefined ? allowed.has(code) : form.test(code)) return code;
    run.reportCode(node, binding ?? '', '', code);
    return undefined;
  };
  return allowed === undefined ? convert : converts.as(convert, { to: 'code', allowed });
}
