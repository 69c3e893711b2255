/** URLs of servers that stand in files of their own, because passwords are in them. */
import { readFileSync } from 'node:fs';
import { type ConfigIssue, makeIssue, type Places } from './config-issues.js';
import type { ConfigFile } from './config-schema.js';
import { mongodbUrl, redisUrl } from './config-values.js';

const servers = { mongodb: mongodbUrl, redis: redisUrl } as const;

interface Server {
  readonly url: string;
  readonly prefix: string;
}

/** A configuration whose servers have their URLs, wherever they stood. */
export type WithUrls = Omit<ConfigFile, 'mongodb' | 'redis'> & {
  readonly mongodb?: Server & { readonly clusters: Readonly<Record<string, string>> };
  readonly redis?: Server;
};

/** Reads the files that the configuration names; what is wrong with one becomes an issue, which never tells what is in it. */
export function readUrls(
  { mongodb, redis, ...config }: ConfigFile,
  places: Places | undefined,
): { readonly config: WithUrls; readonly issues: readonly ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const urlOf = (name: keyof typeof servers, file: string | undefined, within: readonly string[] = []): string => {
    if (file === undefined) return '';
    const report = (message: string): string => {
      issues.push(makeIssue([name, ...within, 'urlFile'], `${file} ${message}`, places));
      return '';
    };
    try {
      const read = servers[name].safeParse(readFileSync(file, 'utf8').trim());
      return read.success ? read.data : report(`holds something else: it ${read.error.issues[0]?.message}`);
    } catch (error) {
      return report(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    }
  };
  const clusters = Object.entries(mongodb?.clusters ?? {}).map(([name, { url, urlFile }]): [string, string] => [
    name,
    url ?? urlOf('mongodb', urlFile, ['clusters', name]),
  ]);
  return {
    config: {
      ...config,
      ...(mongodb === undefined
        ? {}
        : {
            mongodb: {
              url: mongodb.url ?? urlOf('mongodb', mongodb.urlFile),
              prefix: mongodb.prefix,
              clusters: Object.fromEntries(clusters),
            },
          }),
      ...(redis === undefined
        ? {}
        : { redis: { url: redis.url ?? urlOf('redis', redis.urlFile), prefix: redis.prefix } }),
    },
    issues,
  };
}
