import type { UpgradePlan } from '../../engine/upgrade-job.js';
import { counted } from '../counted.js';
import { printTable } from '../print-table.js';

/** What the admin API says of the upgrade. Times are ISO 8601. */
export interface JobJson {
  readonly id: string;
  readonly edition: number;
  readonly state: 'running' | 'waiting' | 'done' | 'stopped' | 'failed';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly error?: string;
  readonly waitsFor: readonly string[];
  readonly documents: number;
  readonly done: number;
  readonly refused: number;
}

export interface UpgradeStatus {
  readonly edition: number;
  readonly editions: readonly number[];
  readonly due: boolean;
  readonly job: JobJson | null;
}

export interface StateJson extends UpgradeStatus {
  readonly tenants: readonly { readonly tenant: string; readonly documents: number; readonly done: number }[];
}

/** What there is to do. */
export function planText({ edition, mappingVersion, queueFormat, tenants, otherProcesses }: UpgradePlan): string {
  const left = (one: UpgradePlan['tenants'][number]): number =>
    one.documents.reduce((sum, { edition: of, documents }) => sum + (of === edition ? 0 : documents), 0);
  const rows = tenants.map((one) => [
    one.id,
    one.name,
    one.format.found === one.format.known ? `${one.format.found}` : `${one.format.found}, becomes ${one.format.known}`,
    one.documents.map(({ edition: of, documents }) => `${documents} of ${of}`).join(', ') || 'none',
    `${one.estimated ? 'about ' : ''}${left(one)}`,
  ]);
  const all = tenants.reduce((sum, one) => sum + left(one), 0);
  const about = tenants.some((one) => one.estimated && left(one) > 0) ? 'about ' : '';
  const queue =
    queueFormat === undefined ? '' : `, jobs of the queue format ${queueFormat.found} (known ${queueFormat.known})`;
  return [
    `search values of this program are edition ${edition}; mapping version ${mappingVersion}${queue}\n`,
    printTable(['TENANT', 'NAME', 'FORMAT', 'DOCUMENTS BY EDITION', 'TO INDEX AGAIN'], rows),
    ...otherProcesses.map((process) => `${process}: it is to be replaced before this can end\n`),
    all === 0 ? 'nothing to index again\n' : `${about}${counted(all, 'document')} to index again\n`,
  ].join('');
}

/** How far it is. */
export function stateText({ edition, editions, due, job, tenants }: StateJson): string {
  const data = due
    ? `documents may have search values of edition ${editions.join(', ')}; this program makes ${edition}: wardline upgrade\n`
    : `all documents have search values of edition ${edition}\n`;
  if (job === null) return data;
  const open = job.state === 'running' || job.state === 'waiting';
  const rows = tenants
    .filter(({ documents }) => documents > 0)
    .map(({ tenant, documents, done }) => [tenant, `${done} of ${documents}`]);
  const said = open
    ? `upgrade ${job.id} ${job.state === 'running' ? 'runs' : 'waits'}: ${job.done} of ${job.documents} documents\n` +
      job.waitsFor.map((reason) => `waits: ${reason}\n`).join('')
    : `upgrade ${job.id}, begun ${job.startedAt}: ${outcomeText(job)}`;
  return `${data}${said}${printTable(['TENANT', 'INDEXED AGAIN'], rows)}`;
}

/** What `wardline status` says of it; nothing where all is as it should be. */
export function upgradeLines({ edition, editions, due, job }: UpgradeStatus): string[] {
  const open = job !== null && (job.state === 'running' || job.state === 'waiting');
  if (open) {
    const reasons = job.state === 'waiting' ? `, waits: ${job.waitsFor.join('; ')}` : '';
    return [`upgrade: ${job.done} of ${job.documents} documents are indexed again${reasons}`];
  }
  if (!due) return [];
  return [
    `upgrade: documents may have search values of edition ${editions.join(', ')}, not ${edition}: wardline upgrade`,
  ];
}

/** What became of it. */
export function outcomeText({ state, done, refused, error, waitsFor }: JobJson): string {
  const lines = [`${counted(done, 'document')} indexed again`];
  if (refused > 0) lines.push(`of ${refused} nothing can be made: they keep what they were found by`);
  if (state === 'stopped') {
    lines.push('stopped; what it has done stays, and the next one goes on there');
    lines.push(...waitsFor.map((reason) => `not finished: ${reason}`));
  }
  if (state === 'failed') lines.push(`failed: ${error ?? ''}; what it has done stays, and it may be started again`);
  return `${lines.join('\n')}\n`;
}
