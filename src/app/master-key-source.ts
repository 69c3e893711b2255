import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { MasterKeySource } from '../store/master-key.js';

/** Where the master key of a configuration is looked for. @throws Fault `config-invalid` for a variable that is not set */
export function masterKeySource({ dataFolder, masterKey }: Config): MasterKeySource {
  const value = masterKey.env === undefined ? undefined : process.env[masterKey.env];
  if (masterKey.env !== undefined && value === undefined) {
    throw fault('config-invalid', `masterKey.env names the variable ${masterKey.env}, which is not set`);
  }
  return {
    folder: dataFolder,
    ...(value === undefined ? {} : { value }),
    ...(masterKey.file === undefined ? {} : { file: masterKey.file }),
  };
}
