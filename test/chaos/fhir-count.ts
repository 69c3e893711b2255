/** What FHIR shows of the patients of a run, read as an app reads it. */
import { AppClient, type AppOptions } from './fhir-client.js';
import type { Journal } from './journal.js';
import type { SentMessage, ShownPatient } from './ledger.js';

/** Patients that are read at a time. */
const atOnce = 3;
/** Milliseconds in which everything must have come back. */
const within = 60_000;

/** By patient's number; patients that are not found are left out. */
export async function readShown(
  sent: readonly SentMessage[],
  options: Omit<AppOptions, 'tenant'>,
): Promise<ReadonlyMap<string, ShownPatient>> {
  const tenantOf = new Map(sent.map(({ message }) => [message.patient, message.tenant]));
  const apps = new Map<string, AppClient>();
  for (const tenant of tenantOf.values())
    if (!apps.has(tenant)) apps.set(tenant, new AppClient({ ...options, tenant }));
  const shown = new Map<string, ShownPatient>();
  const left = [...tenantOf];
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [patient, tenant] = next;
      const app = apps.get(tenant);
      const found = app === undefined ? undefined : await readPatient(app, patient);
      if (found !== undefined) shown.set(patient, found);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return shown;
}

async function readPatient(app: AppClient, number: string): Promise<ShownPatient | undefined> {
  const patients = await matches(app, `Patient?identifier=${number}`);
  const [patient] = patients;
  if (patient === undefined) return undefined;
  const of = (type: string): Promise<Body[]> => matches(app, `${type}?patient=${patient.id}&_count=100`);
  const [visits, allergies, results] = [await of('Encounter'), await of('AllergyIntolerance'), await of('Observation')];
  const history = await entries(app, `Patient/${patient.id}/_history?_count=100`);
  const code = (allergy: Body): string => allergy.code?.coding?.[0]?.code;
  const value = (result: Body): number => result.valueQuantity?.value;
  const again = (resource: Body): boolean => resource.meta?.versionId !== '1';
  return {
    patients: patients.length,
    visits: visits.length,
    discharged: visits.some(({ status }) => status === 'finished'),
    beds: visits.flatMap(({ location = [] }) =>
      location.map((place: Body) => String(place.location?.display).split(' ').at(-1)),
    ),
    allergies: allergies.map(code),
    results: results.map(value),
    names: history.flatMap((version) => version.name?.[0]?.given?.[0] ?? []).reverse(),
    rewritten: [...allergies.filter(again).map(code), ...results.filter(again).map(value)],
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a reader reads whatever stands there
type Body = any;

async function entries(app: AppClient, path: string): Promise<Body[]> {
  const { entry = [] } = await app.read(path, within);
  return entry.map(({ resource }: Body) => resource);
}

async function matches(app: AppClient, path: string): Promise<Body[]> {
  const { entry = [] } = await app.read(path, within);
  return entry.filter(({ search }: Body) => search?.mode === 'match').map(({ resource }: Body) => resource);
}

/** An app that searches all the time, until it is stopped: the journal is told how long each answer took. */
export function startReading(journal: Journal, options: AppOptions): { stop(): Promise<void> } {
  const app = new AppClient(options);
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const wait: { from: number; to: number | undefined } = { from: performance.now(), to: undefined };
      journal.reads.push(wait);
      await app.read('Patient?family=ledger&_count=2', 120_000).catch(() => undefined);
      wait.to = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}
