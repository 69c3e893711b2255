import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inspectData } from '../../app/inspect-data.js';
import type { Config } from '../../core/config.js';
import { Fault } from '../../core/errors.js';
import { restoreMarker } from '../../store/embedded/data-folder.js';
import { movedAway } from '../../store/embedded/moved-marker.js';
import { judgeEditions } from './check-editions.js';
import { judgeStates } from './check-running.js';
import { area, type Finding, sizeOf } from './finding.js';

const here = area('stores');
const keyArea = area('master key');

/** Files up to this size are read through by default. */
const usual = 512 * 1024 * 1024;

/** Stores and master key of a data folder that no process holds; with `full` every file is read through, however large. */
export function checkStores(config: Config, full: boolean): Finding[] {
  if (existsSync(join(config.dataFolder, restoreMarker)))
    return [here.problem('a restore into the data folder was not finished', 'run it again; nothing starts before')];
  const moved = movedAway(config.dataFolder);
  if (moved !== undefined) return [here.problem(moved.said, moved.todo)];
  if (!existsSync(join(config.dataFolder, 'registry.db'))) return [here.ok('none yet; made at the first start')];
  try {
    const { stores, masterKey, messages, editions } = inspectData(config, full ? Number.POSITIVE_INFINITY : usual);
    const bytes = stores.reduce((sum, store) => sum + store.bytes, 0);
    const unchecked = stores.filter(({ integrity }) => integrity === 'unchecked').length;
    const bad = stores.filter(({ integrity }) => integrity === 'damaged' || integrity === 'unopened');
    const rest = unchecked === 0 ? '' : `, ${unchecked} too large to be read through (--full does)`;
    return [
      here.ok(`${stores.length - bad.length} of ${stores.length} files can be opened, ${sizeOf(bytes)}${rest}`),
      ...bad.map(({ file, integrity, fault }) =>
        integrity === 'damaged'
          ? here.problem(`${file} is damaged`, 'stop, keep a copy of the folder, and put back the last backup')
          : here.problem(`${file}: ${fault?.message ?? 'cannot be opened'}`, advice(fault)),
      ),
      masterKey === undefined
        ? keyArea.ok('the one that this installation was made with')
        : masterKeyProblem(masterKey),
      ...(messages === undefined ? [] : judgeEditions(editions)),
      ...(messages === undefined ? [] : waiting(messages.unsettled)),
      ...(messages === undefined ? [] : judgeStates(messages)),
    ];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'data-folder-locked') {
      const todo = 'end that process, or find out why its admin API does not answer';
      return [here.problem(error.message, todo)];
    }
    return [here.problem(error.message, 'look at the files of the data folder')];
  }
}

/** Of a master key that is not the one that an installation was made with. */
export function masterKeyProblem({ message }: Fault): Finding {
  return keyArea.problem(message, 'put back the key; without it nothing here can be read');
}

function waiting(unsettled: number): Finding[] {
  return unsettled === 0
    ? []
    : [area('queue').ok(`${unsettled} ${unsettled === 1 ? 'message waits' : 'messages wait'} for the next start`)];
}

function advice(fault: Fault | undefined): string {
  if (fault?.code === 'format-too-new') return 'run the newer Wardline';
  return 'see that the file can be read and the disk works';
}
