import { type Config, profileOf } from '../core/config.js';
import type { SourceProfile } from '../engine/prepare-batch.js';
import type { DirectorySettings } from '../intake/directory-settings.js';
import type { ListenerSettings, SourceSettings } from '../intake/listener-settings.js';

type Source = Config['listeners'][number] | Config['directories'][number];

/** What each listener goes by, from its own settings and those of its profile. */
export function listenerSettings(config: Config): ListenerSettings[] {
  return config.listeners.map((listener) => {
    const { host, port, allow, maxConnections, maxFrameBytes, frameTimeout, tls } = listener;
    return {
      ...sourceSettings(config, listener, maxFrameBytes),
      ...{ host, port, allow, maxConnections, frameTimeout },
      ...(tls === undefined ? {} : { tls: stated(tls) }),
      ...(listener.kind === 'http' ? { http: { trustedProxies: listener.trustedProxies } } : {}),
    };
  });
}

/** What each watched directory goes by. */
export function directorySettings(config: Config): DirectorySettings[] {
  return config.directories.map((directory) => {
    const { path, pattern, poll, settle, order, processed, maxMessageBytes } = directory;
    return { ...sourceSettings(config, directory, maxMessageBytes), path, pattern, poll, settle, order, processed };
  });
}

/** Of a source that the configuration no longer names. */
export const plainProfile: SourceProfile = { authority: {}, snapshot: [] };

/** Settings that reach into mapping, by the name of the listener or directory. */
export function sourceProfiles(config: Config): Record<string, SourceProfile> {
  return Object.fromEntries(
    [...config.listeners, ...config.directories].map((source) => {
      const { charset, zone, authority, snapshot } = profileOf(config, source);
      const profile: SourceProfile = {
        authority,
        snapshot,
        ...(charset === undefined ? {} : { charset }),
        ...(zone === undefined ? {} : { zone }),
      };
      return [source.name, profile];
    }),
  );
}

function sourceSettings(config: Config, source: Source, maxFrameBytes: number): SourceSettings {
  const profile = profileOf(config, source);
  const { charset, zone, processingIds, versions } = profile;
  return {
    ...{ name: source.name, maxFrameBytes },
    tenant: source.tenant ?? (source.senders ?? []).map(stated),
    ack: profile.ack,
    unavailable: profile.unavailable,
    authority: profile.authority,
    snapshot: profile.snapshot,
    checkProcessingIds: processingIds ?? [],
    checkVersions: versions ?? [],
    ...(charset === undefined ? {} : { charset }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** A sender row without the members that it does not state. */
function stated<T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
