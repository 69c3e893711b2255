/** Makes a replica set of running mongods, and a user on it. Does nothing where they are there. */
import { MongoClient } from 'mongodb';

export interface ReplicaSetWish {
  readonly name: string;
  /** `host:port`, as the members and all clients reach them. */
  readonly hosts: readonly string[];
  /** Where the servers ask for users: the one that exists, and the one that is made. */
  readonly users?: {
    readonly root: Credentials;
    readonly made: Credentials;
  };
  /** Milliseconds in which the servers have to answer. */
  readonly patience: number;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Databases of tenants are made while Wardline runs, so that their names are not known; `clusterMonitor` is for `doctor`. */
const roles = ['readWriteAnyDatabase', 'dbAdminAnyDatabase', 'clusterMonitor'];

const alreadyInitialized = 23;
const userExists = 51003;

/** Resolves when the set has a primary that takes writes. @throws when the servers do not answer in time */
export async function makeReplicaSet({ name, hosts, users, patience }: ReplicaSetWish): Promise<void> {
  const until = performance.now() + patience;
  const [first = ''] = hosts;
  const members = hosts.map((host, _id) => ({ _id, host }));
  await tried(until, () =>
    ask(urlOf([first], 'directConnection=true', users?.root), (client) =>
      client
        .db('admin')
        .command({ replSetInitiate: { _id: name, members } })
        .catch(unless(alreadyInitialized)),
    ),
  );
  await tried(until, () =>
    ask(urlOf(hosts, `replicaSet=${name}`, users?.root), async (client) => {
      await client.db('admin').command({ ping: 1 });
      if (users === undefined) return;
      const { user, password } = users.made;
      await client
        .db('admin')
        .command({ createUser: user, pwd: password, roles, writeConcern: { w: 'majority' } })
        .catch(unless(userExists));
      // the password may be a new one
      await client.db('admin').command({ updateUser: user, pwd: password, roles, writeConcern: { w: 'majority' } });
    }),
  );
}

function urlOf(hosts: readonly string[], options: string, as: Credentials | undefined): string {
  const who = as === undefined ? '' : `${encodeURIComponent(as.user)}:${encodeURIComponent(as.password)}@`;
  return `mongodb://${who}${hosts.join()}/?${options}${as === undefined ? '' : '&authSource=admin'}`;
}

async function ask<T>(url: string, what: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000 });
  try {
    return await what(client);
  } finally {
    await client.close();
  }
}

/** Again until it succeeds: servers that start refuse connections, users and writes. @throws the last failure when it is too late */
async function tried<T>(until: number, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function unless(code: number): (error: unknown) => void {
  return (error) => {
    if ((error as { code?: unknown }).code !== code) throw error;
  };
}
