/** Settings of a tenant that mapping and identity go by. The configuration schema validates them. */
export interface TenantSettings {
  /** IANA zone of local times without offset; a sender's and a listener's come first. */
  readonly zone?: string;
  /**
   * Assigning authorities whose identifiers identify a patient, in order. Empty: PID-3 of type MR, then PI, PT, then the
   * first repetition; with a list, a message without a listed identifier is parked.
   */
  readonly authorities: readonly AssigningAuthority[];
  /** Authority and type of a CX that names neither (a bare `12345`). */
  readonly defaultAuthority?: AssigningAuthority;
  /** Authority of a PV1-19 without one. */
  readonly visitAuthority?: string;
  /** PID-18 identifies a visit where PV1-19 is empty. */
  readonly accountsAreVisits: boolean;
  /** Local codes that mean a standard one, per system as sent: `{ "LOCAL|HR": "http://loinc.org|8867-4" }`. */
  readonly localCodes: Readonly<Record<string, string>>;
}

export interface AssigningAuthority {
  /** CX.4.1 as sent. */
  readonly id: string;
  /** CX.4.2, also accepted as the authority's name. */
  readonly oid?: string;
  /** CX.5 of its identifiers when left out: `MR` by default. */
  readonly type?: string;
}

export const plainTenantSettings: TenantSettings = { authorities: [], accountsAreVisits: false, localCodes: {} };
