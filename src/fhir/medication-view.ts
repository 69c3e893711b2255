import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { changed, objects, text } from './members.js';

/** R4 order status to statement status: a draft is intended, what was withdrawn before the first dose was not taken. */
const statuses: Readonly<Record<string, string>> = {
  active: 'active',
  'on-hold': 'on-hold',
  cancelled: 'not-taken',
  completed: 'completed',
  'entered-in-error': 'entered-in-error',
  stopped: 'stopped',
  draft: 'intended',
  unknown: 'unknown',
};

/**
 * An order shown as a MedicationStatement (R4), for feeds that have orders only: the same medication, dosage and dates,
 * based on the order. A view for reading: `id` is the caller's, nothing of it is stored.
 * @returns null for an order not to give something, which no statement can show
 */
export function medicationStatementView(order: JsonObject, id: string): JsonObject | null {
  if (order.doNotPerform === true) return null;
  const ordered = text(order.status);
  const orderId = text(order.id);
  const status = ordered !== undefined && Object.hasOwn(statuses, ordered) ? statuses[ordered] : undefined;
  const proposed = order.intent === 'proposal' || order.intent === 'plan';
  return changed(
    { resourceType: 'MedicationStatement', id },
    {
      meta: order.meta,
      contained: order.contained,
      basedOn: orderId === undefined ? undefined : [{ reference: `MedicationRequest/${orderId}` }],
      status: proposed && status === 'active' ? 'intended' : status,
      medicationCodeableConcept: order.medicationCodeableConcept,
      medicationReference: order.medicationReference,
      subject: order.subject,
      context: order.encounter,
      effectivePeriod: coursePeriod(order),
      dateAsserted: order.authoredOn,
      informationSource: source(order.requester),
      reasonCode: order.reasonCode,
      reasonReference: order.reasonReference,
      note: order.note,
      dosage: order.dosageInstruction,
    },
  );
}

/** The bounds of the first dosage that has some, else the time for which the order is valid. */
function coursePeriod(order: JsonObject): Json | undefined {
  const bounds = objects(order.dosageInstruction).flatMap((dosage) => {
    const repeat = isJsonObject(dosage.timing) ? dosage.timing.repeat : undefined;
    return isJsonObject(repeat) ? objects(repeat.boundsPeriod) : [];
  });
  return bounds[0] ?? (isJsonObject(order.dispenseRequest) ? order.dispenseRequest.validityPeriod : undefined);
}

/** A device may order, but is no source of a statement. */
function source(requester: Json | undefined): Json | undefined {
  if (!isJsonObject(requester)) return undefined;
  return text(requester.reference)?.startsWith('Device/') === true ? undefined : requester;
}
