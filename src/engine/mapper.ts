import type { TenantSettings } from '../core/tenant-settings.js';
import type { Hl7Message } from '../hl7/message.js';
import type { MappedMessage } from '../mapping/draft.js';
import type { IdentifiedDraft, Names } from './contribution.js';

/** What mapping goes by beside the message. */
export interface MapOptions {
  readonly tenant: TenantSettings;
  /** IANA zone of the listener's profile. */
  readonly zone?: string;
  /** Epoch ms; bounds the reading of a repeated local hour. */
  readonly arrival: number;
  /** Whether resources that tell of the message itself are made too (`view`); they are never stored. */
  readonly views?: boolean;
}

/** A compiled mapping with a tenant's layers. */
export interface Mapper {
  /** Number under which the set was published. */
  readonly version: number;
  /** Maps and identifies. Never throws for what a message holds. */
  map(message: Hl7Message, options: MapOptions, names: Names): MappedAndIdentified;
  /** `eventTime` of what mapping the message gives. Never throws for what a message holds. */
  eventTime(message: Hl7Message, options: MapOptions): number | undefined;
  /** Ids of the Patients that a message names, whether it has a map or not. Never throws for what a message holds. */
  patients(message: Hl7Message, options: MapOptions, names: Names): readonly string[];
}

export interface MappedAndIdentified {
  readonly mapped: MappedMessage;
  readonly identified: readonly IdentifiedDraft[];
}
