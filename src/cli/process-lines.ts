/** The processes of an installation, as commands show them. */
import { spanOf } from './doctor/finding.js';

export interface ProcessStatus {
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ready: boolean;
  /** Milliseconds since it last said that it lives, which it does every two seconds. */
  readonly silentFor: number;
}

const silence = 10_000;

/** What is wrong with the processes beside the one that was asked, which comes first: a line for each that fell silent or is not ready. */
export function processTroubles([, ...others]: readonly ProcessStatus[]): string[] {
  return others.flatMap((process) => {
    if (process.silentFor > silence) return [`${nameOf(process)} has said nothing for ${spanOf(process.silentFor)}`];
    return process.ready ? [] : [`${nameOf(process)} is not ready`];
  });
}

/** Rows for a table of `ROLE`, `HOST`, `PROCESS`, `VERSION`, `STATE`. */
export function processRows(processes: readonly ProcessStatus[]): string[][] {
  return processes.map(({ role, host, pid, version, ready, silentFor }) => [
    ...[role, host, String(pid), version],
    silentFor > silence ? `silent for ${spanOf(silentFor)}` : ready ? 'ready' : 'not ready',
  ]);
}

function nameOf({ role, host, pid }: ProcessStatus): string {
  return `the ${role} process ${pid} on ${host}`;
}
