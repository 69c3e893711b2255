import type { Principal } from '../auth/verify-token.js';
import type { AuditEvent } from '../store/audit-port.js';
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
    parameters: interaction !== undefined && 'parameters' in interaction ? namesOf(interaction.parameters) : [],
    outcome: status < 400 ? 'granted' : status === 401 || status === 403 ? 'denied' : 'failed',
    status,
    patients,
  };
}

function subjectOf(interaction: Interaction | undefined): string {
  if (interaction === undefined || !('type' in interaction) || interaction.type === undefined) return '';
  const id = 'id' in interaction && interaction.id !== undefined ? `/${interaction.id}` : '';
  return `${interaction.type.name}${id}`;
}

/** Names that have the form of a parameter; anything else could be a value that slipped into its place. */
function namesOf(parameters: Parameters): readonly string[] {
  const names = parameters.map(([name]) => (/^[A-Za-z_-]{1,40}(:[A-Za-z]{1,40})?$/.test(name) ? name : 'other'));
  return [...new Set(names)];
}
