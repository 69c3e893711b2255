/**
 * MedicationStatements as views over orders, for feeds that have orders only. A view's id is the order's behind a prefix
 * that no stored id has. Conditions that mean the same of the order are asked of the store; others are tried on the views.
 */
import { fault } from '../core/errors.js';
import { extractSearchValues } from '../fhir/extract-search-values.js';
import { medicationStatementView } from '../fhir/medication-view.js';
import { matches } from '../fhir/search-match.js';
import { searchParametersOf } from '../fhir/search-parameters.js';
import type { Condition, SearchQuery, SortKey } from '../fhir/search-query.js';
import { typeInVersion } from '../fhir/version.js';
import type { ShownDocument } from '../store/resource-port.js';
import type { Ask } from './facade-parts.js';
import { onlyShown } from './only-shown.js';
import { type Source, storePage } from './search-source.js';
import { type Served, serveDocuments } from './serve-resource.js';

const prefix = 'order-';
const chunk = 1000;
/** Orders that are looked through for conditions that no index answers. */
const mostSought = 5000;

/** The order that a statement's id names; undefined for a stored statement. */
export function orderIdOf(statementId: string): string | undefined {
  return statementId.startsWith(prefix) ? statementId.slice(prefix.length) : undefined;
}

/** Orders shown as statements; one that no statement can show is left out. */
export async function serveOrderViews(ask: Ask, orders: readonly ShownDocument[]): Promise<readonly Served[]> {
  const views = orders.flatMap((order): ShownDocument[] => {
    if (order.resource === null) return [];
    const id = prefix + order.id;
    const resource = medicationStatementView({ ...order.resource, id: order.id }, id);
    return resource === null ? [] : [{ ...order, type: 'MedicationStatement', id, resource, standsFor: '' }];
  });
  return serveDocuments(ask, views);
}

/** A search for statements, answered from orders. */
export function orderViews(ask: Ask, query: SearchQuery): Source {
  const { asked, left } = translate(query);
  if (asked === null) return async () => ({ served: [], taken: 0, total: 0, next: undefined });
  return left.length === 0 ? fromStore(ask, asked) : fromViews(ask, asked, left);
}

function fromStore(ask: Ask, query: SearchQuery): Source {
  return async (count, after, counting) => {
    const { documents, ...page } = await storePage(ask, query, count, after, counting);
    return { ...page, served: await serveOrderViews(ask, documents), taken: documents.length };
  };
}

function fromViews(ask: Ask, query: SearchQuery, left: readonly Condition[]): Source {
  return async (count, after) => {
    const found: Served[] = [];
    let sought = 0;
    let next: string | undefined;
    do {
      const page = await storePage(ask, query, chunk, next, 'not');
      sought += page.documents.length;
      if (sought > mostSought) throw fault('too-costly', 'too many orders to look through: name a patient');
      const views = await serveOrderViews(ask, page.documents);
      found.push(...views.filter((view) => meetsAll({ ...query, where: left }, view)));
      next = page.next;
    } while (next !== undefined);
    const start = Number(after ?? 0);
    const served = found.slice(start, start + count);
    const end = start + served.length;
    return { served, taken: served.length, total: found.length, next: end < found.length ? String(end) : undefined };
  };
}

function meetsAll(query: SearchQuery, view: Served): boolean {
  const values = extractSearchValues({ R4: view.r4, [query.version]: view.resource });
  const id = view.name.slice(view.name.indexOf('/') + 1);
  return matches(query, { id, lastUpdated: view.lastUpdated, date: null, values });
}

/** Parameters of statements whose values stand in the order as they are. */
const same: ReadonlySet<string> = new Set(['patient', 'subject', 'medication', 'code', 'context']);

function translate(query: SearchQuery): { asked: SearchQuery | null; left: readonly Condition[] } {
  const { version } = query;
  const orders = searchParametersOf(version, typeInVersion(version, 'MedicationRequest'));
  const nameFor = (parameter: string): string | undefined => {
    if (parameter === '_lastUpdated') return parameter;
    if (!same.has(parameter)) return undefined;
    return orders.has(parameter) ? parameter : parameter === 'context' ? 'encounter' : undefined;
  };
  const where: Condition[] = [];
  const left: Condition[] = [];
  for (const condition of query.where) {
    const name = nameFor(condition.parameter);
    if (condition.kind === 'id' && 'anyOf' in condition && !condition.negate) {
      const anyOf = condition.anyOf.flatMap((test) => {
        const id = test.kind === 'id' ? orderIdOf(test.id) : undefined;
        return id === undefined ? [] : [{ kind: 'id' as const, id }];
      });
      if (anyOf.length === 0) return { asked: null, left };
      where.push({ ...condition, anyOf });
    } else if (name === undefined) left.push(condition);
    else where.push({ ...condition, parameter: name });
  }
  const sort = query.sort.map((key): SortKey => {
    if (key.by !== 'parameter') return key;
    const name = nameFor(key.parameter);
    return name === undefined ? { by: 'date', descending: key.descending } : { ...key, parameter: name };
  });
  return { asked: onlyShown({ ...query, type: 'MedicationRequest', where, sort }), left };
}
