import { Command } from 'commander';
import type { TakenBackup } from '../app/backup.js';
import type { BackupProgress } from '../app/backup-source.js';
import { type Config, loadConfig } from '../core/config.js';
import { counted } from './counted.js';
import { configFile, dataOption, jsonOption } from './data-folder-option.js';
import { printJson } from './print-table.js';
import { programVersion } from './program-version.js';
import { type ProgressState, showProgress } from './progress.js';

interface KeyOptions {
  readonly config?: string;
  readonly data?: string;
  readonly passphraseFile?: string;
  readonly masterKeyFile?: string;
  readonly json?: true;
}

interface BackupOptions extends KeyOptions {
  readonly to?: string;
  readonly archiveOnly?: true;
  readonly withMasterKey?: true;
}

const mebibyte = 1 << 20;

/** `wardline backup`. */
export function backupCommand(): Command {
  const command = new Command('backup')
    .description('Copy the whole installation into one sealed file, while it runs or while it is stopped.')
    .option('--to <place>', 'a file that is not there yet, or a folder')
    .option('--archive-only', 'messages, what became of them, and the registry: for restore --messages-from')
    .option('--with-master-key', 'put the master key into the file, which a passphrase then seals')
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .addOption(dataOption());
  addKeyOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The file is compressed, and sealed with a key made from the master key; with --passphrase-file from the passphrase in the first line of
that file. It holds everything but the configuration's own files and the master key: keep that apart, for without it nobody reads a
backup. The system goes on taking messages. Nothing is left under the name before the file is whole.

Examples:
  wardline backup --to /var/backups/wardline
  wardline backup --to north.backup --passphrase-file /root/passphrase --with-master-key
  wardline backup --archive-only --to /var/backups/wardline/archive
  wardline backup verify /var/backups/wardline/wardline-2026-11-23T020000Z.backup`,
    )
    .action(async (options: BackupOptions) => {
      const { to } = options;
      if (to === undefined) return command.error("error: required option '--to <place>' not specified");
      const { takeBackup } = await import('../app/backup.js');
      const wish = {
        ...keyWish(options),
        to,
        contents: options.archiveOnly ? ('archive' as const) : ('all' as const),
        withMasterKey: options.withMasterKey === true,
        wardline: programVersion,
        now: Date.now(),
      };
      const taken = await withProgress('copied', options, (told) => takeBackup(configOf(options), wish, told));
      if (options.json) return printJson({ file: taken.file, ...summary(taken) });
      process.stdout.write(`${taken.file}: ${describe(taken)}\n`);
      const { by } = taken.header.seal;
      if (!taken.header.holdsMasterKey)
        process.stdout.write(
          by === 'passphrase'
            ? 'to restore it takes the passphrase and the master key: keep both, apart from this file\n'
            : 'to restore it takes the master key: keep it, apart from this file\n',
        );
    });
  command.addCommand(verifyCommand());
  return command;
}

function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Read a backup to its end, and check every byte; writes nothing.')
    .argument('<file>', 'the backup')
    .option('-c, --config <file>', 'configuration that names the master key (WARDLINE_CONFIG, else ./wardline.yaml)')
    .addOption(dataOption());
  return addKeyOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  wardline backup verify north.backup --master-key-file /root/master.key')
    .action(async (file: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<KeyOptions>();
      const { verifyBackup } = await import('../app/backup.js');
      const read = await withProgress('read', options, (told) =>
        verifyBackup(configOf(options), file, keyWish(options), told),
      );
      if (options.json) return printJson({ file, whole: true, ...summary(read) });
      process.stdout.write(`${file} is whole: ${describe(read)}\n`);
    });
}

/** Options that name what a backup is sealed with. */
export function addKeyOptions(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'its first line seals and opens the backup in place of the master key')
    .option('--master-key-file <file>', 'the master key, where the configuration does not name it');
}

export function keyWish({
  passphraseFile,
  masterKeyFile,
}: KeyOptions): Pick<KeyOptions, 'passphraseFile' | 'masterKeyFile'> {
  return {
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
    ...(masterKeyFile === undefined ? {} : { masterKeyFile }),
  };
}

export function configOf({ config, data }: Pick<KeyOptions, 'config' | 'data'>): Config {
  const file = configFile(config);
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    env: process.env,
    flags: data === undefined ? {} : { data },
  });
}

/** Shows how far it is on stderr. */
export async function withProgress<T>(
  done: 'copied' | 'read',
  { json }: Pick<KeyOptions, 'json'>,
  work: (told: BackupProgress) => Promise<T>,
): Promise<T> {
  let state: ProgressState = { accepted: 0, refused: 0, done: `MiB ${done}` };
  const progress = json ? undefined : showProgress(() => state);
  try {
    return await work((now, all, of) => {
      state = { accepted: Math.round(now), refused: 0, total: Math.ceil(all), done: `${of} ${done}` };
    });
  } finally {
    progress?.stop();
  }
}

/** What there is to say of a backup in one line. */
export function describe({ header, manifest, bytes }: Pick<TakenBackup, 'header' | 'manifest' | 'bytes'>): string {
  const rows = (pattern: RegExp): number =>
    manifest.parts.filter(({ name }) => pattern.test(name)).reduce((sum, part) => sum + part.rows, 0);
  const parts = [
    `${(bytes / mebibyte).toFixed(1)} MiB`,
    counted(rows(/^(?:registry\.db|tenants)$/), 'tenant'),
    counted(rows(/^(?:archive\/archive-.*|messages)$/), 'message'),
    ...(header.contents === 'all'
      ? [counted(rows(/^tenants\/.*(?:\.db|\/resources)$/), 'document')]
      : ['the archive alone']),
  ];
  return `${parts.join(', ')}; of ${header.createdAt}, by Wardline ${header.wardline}`;
}

function summary({ header, manifest, bytes }: Pick<TakenBackup, 'header' | 'manifest' | 'bytes'>) {
  const { createdAt, wardline, store, contents, seal, holdsMasterKey } = header;
  return {
    ...{ bytes, createdAt, wardline, store, contents, sealedBy: seal.by, holdsMasterKey },
    mappingVersion: manifest.mappingVersion,
    parts: manifest.parts.map((part) => ({ ...part })),
  };
}
