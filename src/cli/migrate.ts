import { Command } from 'commander';
import type { MigrateWish, MovePlan, MoveReport } from '../app/migrate.js';
import { type Config, loadConfig } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import { configFile, jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { planText, reportText, whatToState } from './migrate/move-texts.js';
import { watchMove } from './migrate/watch-move.js';
import { printJson } from './print-table.js';

interface MigrateOptions {
  readonly config?: string;
  readonly data?: string;
  readonly to?: string;
  readonly prefix?: string;
  readonly masterKey?: string;
  readonly check?: true;
  readonly verifyOnly?: true;
  readonly beginAnew?: true;
  readonly brokenAudit?: true;
  readonly json?: true;
}

/** `wardline migrate`: an embedded installation moves to MongoDB. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Move an embedded installation to MongoDB: everything, with its ids and keys, compared at the end.')
    .option('-d, --data <folder>', 'data folder of the old installation (WARDLINE_DATA, else ./data)')
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .option('--to <url>', 'connection string of the MongoDB (MONGODB_URL, else mongodb.url of the configuration)')
    .option('--prefix <name>', "name of the installation's database (mongodb.prefix of the configuration)")
    .option(
      '--master-key <file>',
      'master key of the old installation (masterKey of the configuration, else of the folder)',
    )
    .option('--check', 'only say what there is, what would be done, and what stands in the way')
    .option('--verify-only', 'only compare what was moved with what is there')
    .option('--begin-anew', 'drop what an earlier attempt has copied')
    .option('--broken-audit', 'move an audit whose chains do not hold, as it is')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The old system has to be stopped. Nothing in its folder is changed but for a marker, moved.json, that keeps it from being started
by mistake. Broken off at any moment, the same command goes on where it was. The new installation can be started when every row
of both sides was compared and found equal; its configuration then states mongodb, redis and masterKey, with the same key.
Ends with 0 when both sides are equal (with --check: when nothing stands in the way), 1 when not.

Examples:
  wardline migrate --data data --to mongodb://db1,db2,db3/?replicaSet=rs0 --check
  MONGODB_URL=mongodb://… wardline migrate --config /etc/wardline/wardline.yaml
  wardline migrate --verify-only --json`,
    )
    .action(async (options: MigrateOptions) => {
      process.exitCode = await run(options);
    });
}

async function run(options: MigrateOptions): Promise<number> {
  const wish = wishOf(options);
  const { migrate, planMove, verifyMove } = await import('../app/migrate.js');
  const watch = watchMove();
  try {
    if (options.check) {
      const plan = await planMove(wish, watch);
      watch.stop();
      print(options, plan, () => planText(plan));
      return plan.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
    }
    const report = await (options.verifyOnly ? verifyMove : migrate)(wish, watch);
    watch.stop();
    const moved = report.equal && !options.verifyOnly ? whatToState(wish) : '';
    print(options, report, () => reportText(report) + moved);
    return report.equal ? exitCodes.ok : exitCodes.failed;
  } finally {
    watch.stop();
  }
}

function print({ json }: MigrateOptions, result: MovePlan | MoveReport, text: () => string): void {
  if (json) printJson(result);
  else process.stdout.write(text());
}

function wishOf(options: MigrateOptions): MigrateWish {
  const config = oldConfig(options);
  const url = options.to ?? process.env['MONGODB_URL'] ?? config.mongodb?.url;
  if (url === undefined || url === '') {
    throw fault('usage', 'where to? state --to mongodb://…, MONGODB_URL, or mongodb in the configuration');
  }
  if (!/^mongodb(\+srv)?:\/\//.test(url)) throw fault('usage', '--to must begin with mongodb:// or mongodb+srv://');
  const prefix = options.prefix ?? config.mongodb?.prefix ?? 'wardline';
  if (!/^[a-z][a-z0-9_]{0,19}$/.test(prefix)) {
    throw fault('usage', '--prefix must be up to 20 lower-case letters, digits and underscores, a letter first');
  }
  const { masterKey } = options;
  return {
    config: masterKey === undefined ? config : { ...config, masterKey: { file: masterKey } },
    to: { url, prefix },
    ...(options.beginAnew ? { beginAnew: true } : {}),
    ...(options.brokenAudit ? { brokenAudit: true } : {}),
  };
}

/**
 * The configuration of the old installation, or of the new one. MONGODB_URL says here where to, and not that what runs so far runs there,
 * unless the file goes by it.
 */
function oldConfig({ config: named, data }: MigrateOptions): Config {
  const file = configFile(named);
  const sources = { ...(file === undefined ? {} : { file }), flags: data === undefined ? {} : { data } };
  const { MONGODB_URL: _mongodb, REDIS_URL: _redis, ...env } = process.env;
  try {
    return loadConfig({ ...sources, env });
  } catch (error) {
    if (!(error instanceof Fault) || _mongodb === undefined) throw error;
    return loadConfig({ ...sources, env: process.env });
  }
}
