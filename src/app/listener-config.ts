import { type Config, profileOf } from '../core/config.js';
import type { SourceProfile } from '../engine/process-batch.js';
import type { ListenerSettings } from '../intake/listener-settings.js';

/** What each listener goes by, from its own settings and those of its profile. */
export function listenerSettings(config: Config): ListenerSettings[] {
  return config.listeners.map((listener) => {
    const profile = profileOf(config, listener);
    const { name, host, port, allow, maxConnections, maxFrameBytes, frameTimeout, tls } = listener;
    const { charset, zone, processingIds, versions } = profile;
    return {
      ...{ name, host, port, allow, maxConnections, maxFrameBytes, frameTimeout },
      tenant: listener.tenant ?? (listener.senders ?? []).map(stated),
      ack: profile.ack,
      unavailable: profile.unavailable,
      authority: profile.authority,
      snapshot: profile.snapshot,
      checkProcessingIds: processingIds ?? [],
      checkVersions: versions ?? [],
      ...(charset === undefined ? {} : { charset }),
      ...(zone === undefined ? {} : { zone }),
      ...(tls === undefined ? {} : { tls: stated(tls) }),
      ...(listener.kind === 'http' ? { http: { trustedProxies: listener.trustedProxies } } : {}),
    };
  });
}

/** Settings that reach into mapping, by listener name. */
export function sourceProfiles(config: Config): Record<string, SourceProfile> {
  return Object.fromEntries(
    config.listeners.map((listener) => {
      const { charset, zone, authority, snapshot } = profileOf(config, listener);
      const profile: SourceProfile = {
        authority,
        snapshot,
        ...(charset === undefined ? {} : { charset }),
        ...(zone === undefined ? {} : { zone }),
      };
      return [listener.name, profile];
    }),
  );
}

/** A sender row without the members that it does not state. */
function stated<T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
