import type { Principal } from '../auth/verify-token.js';
import { searchParametersOf } from '../fhir/search-parameters.js';
import { fhirVersions } from '../fhir/version.js';
import { type AuditEvent, outcomeOfStatus } from '../store/audit-port.js';
import type { Interaction, Parameters } from './interaction.js';

/** What the audit is told of one request, or of one entry of a batch. */
export function auditEvent(request: {
  readonly at: number;
  readonly address: string;
  readonly principal: Principal | undefined;
  /** Undefined where the request could not be read as one. */
  readonly interaction: Interaction | undefined;
  readonly status: number;
  readonly patients: readonly string[];
}): AuditEvent {
  const { at, address, principal, interaction, status, patients } = request;
  return {
    at,
    tenant: principal?.tenant ?? null,
    client: principal?.client ?? null,
    address,
    action: interaction?.kind ?? 'unknown',
    subject: subjectOf(interaction),
    parameters:
      interaction !== undefined && 'parameters' in interaction
        ? namesOf(typeOf(interaction), interaction.parameters)
        : [],
    outcome: outcomeOfStatus(status),
    status,
    patients,
  };
}

function typeOf(interaction: Interaction): string | undefined {
  return 'type' in interaction ? interaction.type?.name : undefined;
}

function subjectOf(interaction: Interaction | undefined): string {
  if (interaction === undefined || !('type' in interaction) || interaction.type === undefined) return '';
  const id = 'id' in interaction && interaction.id !== undefined ? `/${shownId(interaction.id)}` : '';
  return `${interaction.type.name}${id}`;
}

/** Ids as Wardline makes them, those of computed resources included. */
const ownId = /^([A-Za-z]+-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d{1,15})?$|^\d{1,9}-\d{1,15}$/;

/** An id that Wardline never made names nothing, and could be a record number. */
function shownId(id: string): string {
  return ownId.test(id) ? id : 'other';
}

/** Parameters of every search, history and read; `_has` stands for what is refused under that name. */
const common: ReadonlySet<string> = new Set([
  ...['_id', 'id', '_lastupdated', '_sort', '_count', '_include', '_revinclude', '_summary', '_elements', '_total'],
  ...['_format', '_pretty', '_cursor', '_since', '_at', '_has', '_filter', '_content', '_text', '_query', '_list'],
]);
const modifiers: ReadonlySet<string> = new Set(['asc', 'desc', 'contains', 'exact', 'identifier', 'missing', 'not']);

/** Names of parameters that there are, with modifiers that there are; anything else could be a value in their place. */
function namesOf(type: string | undefined, parameters: Parameters): readonly string[] {
  const names = [...new Set(parameters.map(([sent]) => sent))].map((sent) => {
    const [name = '', modifier] = (sent.split('.')[0] ?? '').split(':');
    const low = name.toLowerCase();
    const known =
      common.has(low) ||
      (type !== undefined && fhirVersions.some((version) => searchParametersOf(version, type).has(low)));
    if (!known) return 'other';
    return modifier !== undefined && modifiers.has(modifier) ? `${name}:${modifier}` : name;
  });
  return [...new Set(names)];
}
