import type { Config } from '../core/config.js';

/** Where everything is kept: plain data, so that a thread can be told. */
export type StoreChoice =
  | { readonly kind: 'embedded'; readonly dataFolder: string }
  | {
      readonly kind: 'mongodb';
      /** Of this process alone: its admin token, and scratch files. */
      readonly dataFolder: string;
      readonly mongodb: {
        readonly url: string;
        readonly prefix: string;
        /** Connection strings of further clusters, by name. */
        readonly clusters: Readonly<Record<string, string>>;
      };
      readonly redis: { readonly url: string; readonly prefix: string };
    };

/** MongoDB and Redis where the configuration names them, else files in the data folder. */
export function storeChoice({ dataFolder, mongodb, redis }: Config): StoreChoice {
  if (mongodb === undefined || redis === undefined) return { kind: 'embedded', dataFolder };
  return { kind: 'mongodb', dataFolder, mongodb, redis };
}
