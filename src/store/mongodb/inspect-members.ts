/** Who is in a replica set, and how far each one's clock is from ours, as the driver's own looks at them tell. */
import type { MongoClient, ServerHeartbeatSucceededEvent } from 'mongodb';
import { leastDifference } from '../../core/clock.js';

export interface MongoMember {
  /** `host:port`. */
  readonly host: string;
  /** `alone`: a server without a replica set; `other`: one that starts, recovers or is in no set yet. */
  readonly state: 'primary' | 'secondary' | 'arbiter' | 'alone' | 'router' | 'other' | 'unreachable';
  /** Milliseconds that its clock is ahead of this machine's; undefined while it does not answer. */
  readonly ahead: number | undefined;
}

export interface MemberWatch {
  list(): readonly MongoMember[];
  /** Resolves when each member has answered or failed, at the latest after so many milliseconds. */
  known(within: number): Promise<void>;
}

/** Begins before the client connects. */
export function watchMembers(client: MongoClient, now: () => number): MemberWatch {
  const members = new Map<string, MongoMember>();
  let addresses: readonly string[] = [];
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    addresses = [...newDescription.servers.keys()];
  });
  client.on('serverHeartbeatSucceeded', (event) => members.set(event.connectionId, answered(event, now())));
  client.on('serverHeartbeatFailed', ({ connectionId }) => {
    members.set(connectionId, { host: connectionId, state: 'unreachable', ahead: undefined });
  });
  return {
    list: () =>
      [...members.values()]
        .filter(({ host }) => addresses.length === 0 || addresses.includes(host))
        .sort((a, b) => (a.host < b.host ? -1 : 1)),
    async known(within) {
      const until = performance.now() + within;
      while (addresses.some((address) => !members.has(address)) && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

function answered({ connectionId, duration, reply }: ServerHeartbeatSucceededEvent, now: number): MongoMember {
  const { localTime } = reply as { localTime?: unknown };
  const ahead = localTime instanceof Date ? leastDifference(localTime.getTime(), now - duration, now) : undefined;
  return { host: connectionId, state: stateOf(reply), ahead };
}

function stateOf(reply: Readonly<Record<string, unknown>>): MongoMember['state'] {
  if (reply['msg'] === 'isdbgrid') return 'router';
  if (reply['arbiterOnly'] === true) return 'arbiter';
  if (reply['setName'] === undefined) return reply['isreplicaset'] === true ? 'other' : 'alone';
  if (reply['isWritablePrimary'] === true || reply['ismaster'] === true) return 'primary';
  return reply['secondary'] === true ? 'secondary' : 'other';
}
