/**
 * The Patients app, played: it reads what a base can do, asks for a token as that says, searches, and shows lines of text.
 * It speaks DSTU2 and STU3 and pivots on `fhirVersion`; on R4 the same requests are made by an app of the same shape.
 */
import assert from 'node:assert/strict';
import { basePath, type FhirVersion } from '../../src/fhir/version.js';
import { FhirClient } from '../support/fhir-client.js';
import { tokenFor } from '../support/running-wardline.js';

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  /** The tenant. */
  readonly scope: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the app reads whatever stands there
type Resource = any;

const versions: Readonly<Record<string, FhirVersion>> = { '1.0.2': 'DSTU2', '3.0.2': 'STU3', '4.0.1': 'R4' };
const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

export class PatientsApp {
  readonly version: FhirVersion;
  readonly fhir: FhirClient;

  private constructor(version: FhirVersion, fhir: FhirClient) {
    this.version = version;
    this.fhir = fhir;
  }

  /** Reads the capability statement without a token, and asks for one where it says. */
  static async open(publicUrl: string, base: FhirVersion, credentials: Credentials): Promise<PatientsApp> {
    const metadata = (await (await fetch(`${publicUrl}/fhir/${basePath[base]}/metadata`)).json()) as Resource;
    const version = versions[metadata.fhirVersion];
    assert.equal(version, base, metadata.fhirVersion);
    const uris = metadata.rest[0].security.extension.find((one: Resource) => one.url === oauthUris).extension;
    const token = uris.find((one: Resource) => one.url === 'token').valueUri;
    const accessToken = await tokenFor(String(token).replace(/\/oauth2\/token$/, ''), { ...credentials });
    return new PatientsApp(base, new FhirClient(publicUrl, base, accessToken));
  }

  /** The list of patients that a form finds, and how many there are. */
  async patients(form: string): Promise<{ total: number; ids: string[]; lines: string[] }> {
    const answer = await this.fhir.form('/Patient/_search', form);
    const found = this.fhir.matches(answer);
    return {
      total: answer.body.total,
      ids: found.map((patient) => patient.id),
      lines: found.map((patient) => {
        const [name] = patient.name;
        const mrn = patient.identifier.find((one: Resource) =>
          one.type?.coding?.some((coding: Resource) => coding.code === 'MR' && coding.system === this.#mrnSystem()),
        );
        const family = [name.family].flat().join(' ');
        return line(family, name.given?.join(' '), patient.gender, patient.birthDate, mrn?.value);
      }),
    };
  }

  async header(id: string): Promise<string> {
    const { status, body } = await this.fhir.get(`/Patient/${id}`);
    assert.equal(status, 200);
    const [name] = body.name;
    const doctors = this.version === 'DSTU2' ? body.careProvider : body.generalPractitioner;
    return line(name.use, name.prefix?.[0], ...(doctors ?? []).map((one: Resource) => one.display));
  }

  async lastLocation(id: string): Promise<string | undefined> {
    const [visit] = await this.fhir.find(`Encounter?patient=${id}&_sort:desc=date&_count=1`);
    if (visit === undefined) return undefined;
    const place = visit.location?.[0]?.location;
    const read = place?.reference === undefined ? undefined : await this.fhir.get(`/${place.reference}`);
    return line(visit.status, visit.type[0].coding[0].display, visit.period?.start, place?.display, read?.body.name);
  }

  async vitalSigns(id: string): Promise<string[]> {
    const sort = this.version === 'DSTU2' ? '_sort:desc=date' : '_sort=-date';
    const found = await this.fhir.find(`Observation?patient=${id}&category=vital-signs&${sort}`);
    return found.map((one) => {
      const values = [one, ...(one.component ?? [])].filter((part) => part.valueQuantity !== undefined);
      const when = one.effectiveDateTime ?? one.effectivePeriod?.start;
      return line(when, ...(one.component === undefined ? [] : [coded(one.code)]), ...values.map(measured));
    });
  }

  async conditions(id: string): Promise<string[]> {
    const found = await this.fhir.find(`Condition?patient=${id}&_count=50`);
    const since = { DSTU2: 'dateRecorded', STU3: 'assertedDate', R4: 'recordedDate' }[this.version];
    return found.map((one) => line(one.code.coding[0].display, one[since], one.severity?.coding[0].display));
  }

  async allergies(id: string): Promise<string[]> {
    const found = await this.fhir.find(`AllergyIntolerance?patient=${id}`);
    return found.map((one) => {
      const substance = this.version === 'DSTU2' ? one.substance : one.code;
      const statuses = this.version === 'DSTU2' ? [one.status] : [one.clinicalStatus, one.verificationStatus];
      const since = { DSTU2: 'recordedDate', STU3: 'assertedDate', R4: 'recordedDate' }[this.version];
      const signs = (one.reaction ?? []).flatMap((reaction: Resource) => reaction.manifestation);
      assert.equal(substance.text, substance.coding[0].display);
      assert.match(one.text.div, new RegExp(substance.text));
      for (const sign of signs) assert.equal(sign.text, sign.coding[0].display);
      return line(
        substance.text,
        statuses.map((status) => (typeof status === 'string' ? status : status.coding[0].code)).join(' '),
        one[since],
        ...signs.map((sign: Resource) => sign.text),
        [one.note ?? []].flat()[0]?.text,
      );
    });
  }

  async medications(id: string): Promise<string[]> {
    const type = this.version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
    const found = await this.fhir.find(`${type}?patient=${id}&_count=50`);
    return found.map((one) => {
      const [when, who] = {
        DSTU2: () => [one.dateWritten, one.prescriber],
        STU3: () => [one.authoredOn, one.requester?.agent],
        R4: () => [one.authoredOn, one.requester],
      }[this.version]();
      return line(medication(one), when, who?.display, one.dosageInstruction?.[0]?.text);
    });
  }

  async statements(id: string): Promise<string[]> {
    return (await this.fhir.find(`MedicationStatement?patient=${id}`)).map(medication);
  }

  async coverages(id: string): Promise<string[]> {
    const found = await this.fhir.find(`Coverage?patient=${id}`);
    return found.map((one) => {
      const period = `${one.period?.start ?? ''} to ${one.period?.end ?? ''}`;
      if (this.version === 'DSTU2') return line(one.issuer.display, one.plan, one.group, period);
      const group = this.version === 'STU3' ? one.grouping?.groupDisplay : className(one, 'group');
      const plan = this.version === 'STU3' ? one.grouping?.planDisplay : className(one, 'plan');
      return line(one.payor[0].display, plan, group, period, one.subscriberId);
    });
  }

  #mrnSystem(): string {
    return this.version === 'R4' ? 'http://terminology.hl7.org/CodeSystem/v2-0203' : 'http://hl7.org/fhir/v2/0203';
  }
}

function className(coverage: Resource, code: string): string | undefined {
  return coverage.class?.find((one: Resource) => one.type.coding[0].code === code)?.name;
}

function medication(one: Resource): string {
  return one.medicationReference?.display ?? one.medicationCodeableConcept.text;
}

function coded(code: Resource): string {
  return `${code.coding[0].display} (${code.coding[0].code})`;
}

function measured({ code, valueQuantity }: Resource): string {
  return `${coded(code)} ${valueQuantity.value} ${valueQuantity.unit}`;
}

/** The parts that are there, as the app puts them side by side. */
function line(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
