import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { Item } from './fhirpath-items.js';

/** A number, or what stands for a range of numbers; both ends inclusive. */
export interface QuantityRange {
  readonly low: number;
  readonly high: number;
  readonly system: string | null;
  readonly code: string | null;
  readonly unit: string | null;
}

/** The range of a number, Quantity (and its kinds), Money, Range or SampledData; null when it has no number. */
export function readQuantityRange(item: Item): QuantityRange | null {
  const value = item.value;
  if (typeof value === 'number') return { low: value, high: value, system: null, code: null, unit: null };
  if (!isJsonObject(value)) return null;
  if (item.type === 'Range') return rangeOf(value);
  if (item.type === 'SampledData') return sampledRange(value);
  return quantityRange(value);
}

function quantityRange(quantity: JsonObject): QuantityRange | null {
  const value = quantity.value;
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const currency = textOf(quantity.currency);
  return {
    ...comparedRange(value, quantity.comparator),
    system: currency === null ? textOf(quantity.system) : 'urn:iso:std:iso:4217',
    code: currency ?? textOf(quantity.code),
    unit: textOf(quantity.unit),
  };
}

/** `<5` is everything below 5, and not 5 itself: the end is the nearest number that is less. */
function comparedRange(value: number, comparator: Json | undefined): { low: number; high: number } {
  switch (comparator) {
    case '<':
      return { low: Number.NEGATIVE_INFINITY, high: neighbour(value, -1) };
    case '<=':
      return { low: Number.NEGATIVE_INFINITY, high: value };
    case '>':
      return { low: neighbour(value, 1), high: Number.POSITIVE_INFINITY };
    case '>=':
      return { low: value, high: Number.POSITIVE_INFINITY };
    default:
      return { low: value, high: value };
  }
}

/** The next double below or above; the outermost ones are their own. */
function neighbour(value: number, direction: -1 | 1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  const grows = value > 0 === direction > 0;
  bytes.setBigInt64(0, bytes.getBigInt64(0) + (grows ? 1n : -1n));
  const next = bytes.getFloat64(0);
  return Number.isFinite(next) ? next : value;
}

function rangeOf(range: JsonObject): QuantityRange | null {
  const low = isJsonObject(range.low) ? quantityRange(range.low) : null;
  const high = isJsonObject(range.high) ? quantityRange(range.high) : null;
  const unit = low ?? high;
  if (unit === null) return null;
  return { ...unit, low: low?.low ?? Number.NEGATIVE_INFINITY, high: high?.high ?? Number.POSITIVE_INFINITY };
}

/** The span of the samples, `E`, `U` and `L` (error, above, below) left out. */
function sampledRange(sampled: JsonObject): QuantityRange | null {
  const origin = isJsonObject(sampled.origin) ? quantityRange(sampled.origin) : null;
  const data = textOf(sampled.data);
  if (origin === null || data === null) return null;
  const factor = typeof sampled.factor === 'number' ? sampled.factor : 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const part of data.split(/\s+/)) {
    const value = part === '' ? Number.NaN : origin.low + Number(part) * factor;
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { ...origin, low, high } : null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
