import type { ElementModel } from '../fhir/definitions/type-model.js';
import { valueSetCodes } from '../fhir/definitions/value-sets.js';
import type { Json } from '../core/json.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Run } from './run.js';
import { fhirDate, fhirDateTime, readTime } from './times.js';

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
        if (yes.has(text)) return true;
        if (no.has(text)) return false;
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
      return (_run, _node, text) => cleanText(text);
  }
}

/** FHIR strings hold no control characters but tab, CR and LF, and are not blank. */
export function cleanText(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that FHIR forbids
  const clean = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text) ? text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '') : text;
  const trimmed = clean.trim();
  return trimmed === '' ? undefined : trimmed;
}

function numberConverter(type: string): Convert {
  const least = type === 'positiveInt' ? 1 : type === 'unsignedInt' ? 0 : Number.NEGATIVE_INFINITY;
  const whole = type !== 'decimal';
  return (run, node, text) => {
    const trimmed = text.trim();
    const value = number.test(trimmed) ? Number(trimmed) : Number.NaN;
    const fits = Number.isFinite(value) && value >= least && (!whole || (Number.isInteger(value) && Math.abs(value) <= 2147483647));
    if (fits) return value === 0 ? 0 : value;
    run.report('warning', 'number-invalid', node, `a value for ${type} expected`);
    return undefined;
  };
}

function timeConverter(type: 'date' | 'dateTime' | 'instant' | 'time'): Convert {
  return (run, node, text) => {
    if (type === 'time') {
      const clock = /^(\d{2}):?(\d{2})(?::?(\d{2})(\.\d+)?)?/.exec(text.trim());
      const [, hour = '', minute = '', second = '00', fraction = ''] = clock ?? [];
      if (clock !== null && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) {
        return `${hour}:${minute}:${second}${fraction}`;
      }
      run.report('warning', 'time-invalid', node, 'HHMM or HHMMSS expected');
      return undefined;
    }
    const time = readTime(text);
    if (time === undefined) {
      run.report('warning', 'date-impossible', node, 'a date or time as YYYYMMDD[HHMM[SS[.S]]][+ZZZZ] expected');
      return undefined;
    }
    if (type === 'date') return fhirDate(time);
    if (type === 'instant' && time.precision < 4) return undefined;
    const result = fhirDateTime(time, run.zone);
    if (result.flag !== undefined) run.report('information', result.flag, node, flagTexts[result.flag]);
    if (type === 'instant' && result.flag === 'zone-unknown') return undefined;
    return result.text;
  };
}

const flagTexts = {
  'zone-unknown': 'the time has no zone and none is set for sender, listener or tenant; only its date is kept',
  'hour-repeated': 'the local hour comes twice that day; the first is meant',
  'hour-skipped': 'the local hour does not exist that day; the time moved forward',
};

function codeConverter(element: ElementModel | undefined): Convert {
  const binding = element?.binding?.strength === 'required' ? element.binding.valueSet : undefined;
  const allowed = binding === undefined ? undefined : (valueSetCodes('R4', binding)?.systems ?? undefined);
  return (run, node, text) => {
    const code = text.trim();
    if (allowed !== undefined ? allowed.has(code) : /^\S+(?: \S+)*$/.test(code)) return code;
    run.reportCode(node, binding ?? '', '', code);
    return undefined;
  };
}

