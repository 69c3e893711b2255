import type { Config } from '../core/config.js';
import { Fault } from '../core/errors.js';
import { openDataFolder } from '../store/embedded/data-folder.js';
import {
  type InspectedStore,
  inspectStores,
  registrySetting,
  waitingMessages,
} from '../store/embedded/inspect-store.js';
import { masterKeyCheck, verifyMasterKey } from '../store/master-key.js';
import { editionsSetting } from '../store/reindex-port.js';
import { masterKeySource } from './master-key-source.js';
import { parseEditions } from './upgrade-notes.js';

/** What there is to say of the files of a data folder. */
interface InspectedData {
  readonly stores: readonly InspectedStore[];
  /** Why the master key does not fit; undefined when it does. */
  readonly masterKey: Fault | undefined;
  /** Messages that wait, are parked or unmapped; undefined where a store cannot be opened. */
  readonly messages: ReturnType<typeof waitingMessages> | undefined;
  /** Editions that search values may have; undefined where no program has noted any, or a store cannot be opened. */
  readonly editions: readonly number[] | undefined;
}

/**
 * Looks at the stores of a data folder and whether the master key is theirs; holds the folder meanwhile, changes nothing in it.
 * @throws Fault `data-folder-locked` while a process runs on it
 */
export function inspectData(config: Config, largest: number): InspectedData {
  const folder = openDataFolder(config.dataFolder);
  try {
    const stores = inspectStores(folder.path, largest);
    const isReadable = stores.every(({ integrity }) => integrity === 'whole' || integrity === 'unchecked');
    return {
      stores,
      masterKey: keyFault(config),
      messages: isReadable ? waitingMessages(folder.path) : undefined,
      editions: isReadable ? parseEditions(registrySetting(folder.path, editionsSetting)) : undefined,
    };
  } finally {
    folder.release();
  }
}

function keyFault(config: Config): Fault | undefined {
  try {
    const check = registrySetting(config.dataFolder, masterKeyCheck);
    if (check !== undefined) verifyMasterKey(check, masterKeySource(config));
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
