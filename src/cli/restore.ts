import { Command } from 'commander';
import type { MongoPlace, Restored } from '../app/restore.js';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import { addKeyOptions, configOf, describe, keyWish, withProgress } from './backup.js';
import { counted } from './counted.js';
import { dataOption, jsonOption } from './data-folder-option.js';
import { printJson } from './print-table.js';

interface RestoreOptions {
  readonly config?: string;
  readonly data?: string;
  readonly messagesFrom?: string;
  readonly messagesPrefix?: string;
  readonly to?: string;
  readonly prefix?: string;
  readonly passphraseFile?: string;
  readonly masterKeyFile?: string;
  readonly json?: true;
}

/** `wardline restore`. */
export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('Make an installation of a backup in an empty place, and bring in what its archive holds beyond it.')
    .argument('[file]', 'the backup; left out, only messages are brought into what was restored before')
    .option('--messages-from <place>', 'a later backup, or what is left: data folder, archive folder, mongodb://…')
    .option('--messages-prefix <name>', 'where --messages-from names a MongoDB: prefix of the lost installation there')
    .option('--to <url>', 'a MongoDB, in place of the one that the configuration names')
    .option('--prefix <name>', 'name of the database there, which is not to be there yet')
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .addOption(dataOption());
  return addKeyOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The data folder has to be empty, but for the master key; in MongoDB nothing is to be under the prefix yet. Nothing is written before the key fits. A restore that was cut off is run
again, and until one has ended nothing starts on the folder. Messages keep their numbers; they are applied after the start, and what
they find applied already stays as it is. Where a registry lies beside the messages, and is newer, it takes the place of the
backup's; otherwise clients, secrets and signing keys are those of the backup, and what was revoked since is to be revoked again.

Examples:
  wardline restore north.backup --data /var/lib/wardline --master-key-file /root/master.key
  wardline restore north.backup --data /var/lib/wardline --messages-from /mnt/old-disk/wardline
  wardline restore --data /var/lib/wardline --messages-from archive-of-today.backup
  wardline restore north.backup --to mongodb://db1,db2,db3/?replicaSet=rs --prefix north --master-key-file /root/master.key`,
    )
    .action(async (file: string | undefined, options: RestoreOptions) => {
      const { restoreBackup } = await import('../app/restore.js');
      const { messagesFrom, messagesPrefix } = options;
      const config = configOf(options);
      const mongodb = placeOf(config, options);
      const wish = {
        ...keyWish(options),
        ...(mongodb === undefined ? {} : { mongodb }),
        ...(file === undefined ? {} : { file }),
        ...(messagesFrom === undefined ? {} : { messagesFrom }),
        ...(messagesPrefix === undefined ? {} : { messagesPrefix }),
        now: Date.now(),
      };
      const restored = await withProgress('read', options, (told) => restoreBackup(config, wish, told));
      if (options.json) return printJson(summary(restored));
      const place = mongodb === undefined ? config.dataFolder : `the database ${mongodb.prefix}`;
      process.stdout.write(`${place}${sentences(restored)}`);
    });
}

/** The MongoDB to restore into; undefined for a data folder. */
function placeOf({ mongodb }: Config, { to, prefix }: RestoreOptions): MongoPlace | undefined {
  const url = to ?? mongodb?.url;
  if (url === undefined) return undefined;
  if (!/^mongodb(\+srv)?:\/\//.test(url)) throw fault('usage', '--to is to begin with mongodb:// or mongodb+srv://');
  const name = prefix ?? mongodb?.prefix ?? 'wardline';
  if (!/^[a-z][a-z0-9_]{0,19}$/.test(name))
    throw fault('usage', '--prefix is to be up to 20 lower-case letters, digits and underscores, a letter first');
  return { url, prefix: name };
}

function sentences({ header, manifest, messages, newerRegistry, rebuild }: Restored): string {
  const lines: string[] = [];
  if (header !== undefined && manifest !== undefined) {
    const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
    lines.push(` is restored: ${describe({ header, manifest, bytes })}`);
  }
  if (messages !== undefined) {
    const { taken, known, ofUnknownTenants, released } = messages;
    lines.push(`${lines.length === 0 ? ': ' : ''}${counted(taken, 'message')} brought in, ${known} were there`);
    if (released > 0) lines.push(`${counted(released, 'message')} released since the backup, to be applied again`);
    if (ofUnknownTenants > 0)
      lines.push(
        `${counted(ofUnknownTenants, 'message')} left out: of tenants made after the backup, whose keys were in the lost registry alone`,
      );
  }
  if (newerRegistry) lines.push('tenants, clients, secrets and signing keys are those beside the messages');
  else if (header !== undefined)
    lines.push(
      `tenants, clients, secrets and signing keys are those of ${header.createdAt}: revoke again what was revoked since`,
    );
  if (rebuild.length > 0) lines.push(`${counted(rebuild.length, 'tenant')} will be rebuilt after the start`);
  return `${lines.join('\n')}\n`;
}

function summary({ header, manifest, ...rest }: Restored) {
  return {
    ...(header === undefined ? {} : { createdAt: header.createdAt, wardline: header.wardline }),
    ...(manifest === undefined ? {} : { parts: manifest.parts.length, mappingVersion: manifest.mappingVersion }),
    ...rest,
  };
}
