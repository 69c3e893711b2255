/** `error`: a receiver that goes by the standard cannot read it as meant. `warning`: it may be misread. `info`: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** What is checked: each rule with its severity and what it looks for, in the order in which a message is looked at. */
export const lintRules = {
  'no-message': ['error', 'bytes without an MSH segment and its delimiters'],
  'utf-16': ['error', 'UTF-16 or UTF-32, whose bytes collide with those of MLLP'],
  'charset-unknown': ['error', 'MSH-18 that is not in HL7 table 0211'],
  'charset-mismatch': ['error', 'bytes that are not valid in the character set of MSH-18'],
  'charset-undeclared': ['warning', 'characters beyond ASCII while MSH-18 is empty'],
  'control-character': ['warning', 'control characters inside a segment'],
  'line-ends-mixed': ['warning', 'segments of one message that end in different ways'],
  'line-end-not-cr': ['error', 'segments on the wire that end in LF or CRLF instead of CR'],
  'line-end-missing': ['warning', 'a last segment without its CR'],
  'batch-envelope': ['warning', 'FHS, BHS, BTS and FTS that do not fit together or count wrongly'],
  'delimiters-repeated': ['error', 'one character for two delimiters in MSH-1 and MSH-2'],
  'delimiters-missing': ['error', 'MSH-2 with fewer than four characters'],
  'delimiters-extra': ['warning', 'MSH-2 with more characters than its version has'],
  'delimiters-unusual': ['info', 'delimiters other than those that HL7 recommends'],
  'delimiters-contradicted': ['error', 'components separated by another character than MSH-2 says'],
  'version-unknown': ['error', 'MSH-12 that names no version of HL7 v2'],
  'version-newer': ['info', 'a version later than the newest that is checked against'],
  'type-unknown': ['warning', 'MSH-9.1 and MSH-9.2 that HL7 does not define'],
  'structure-contradicts': ['warning', 'MSH-9.3 that is not the structure of MSH-9.1 and MSH-9.2'],
  'structure-unchecked': [
    'info',
    'a structure that its version does not define, so that the order of segments is not checked',
  ],
  'event-contradicts': ['warning', 'EVN-1 that is not MSH-9.2'],
  'control-id-repeated': ['warning', 'two messages of a feed with the same MSH-10'],
  'not-a-segment': ['error', 'a line that does not begin with a segment name and a field separator'],
  'segment-unknown': ['error', 'segments that the version does not have'],
  'segment-withdrawn': ['info', 'segments that are kept for old systems only, or were withdrawn'],
  'segment-not-in-structure': ['error', 'segments that the structure does not have'],
  'segment-misplaced': ['error', 'segments out of the order of the structure'],
  'segment-repeated': ['error', 'segments that come more often than the structure allows, such as a second PID'],
  'segment-missing': ['error', 'required segments and groups that are missing'],
  'set-id-sequence': ['warning', 'set ids that do not count 1, 2, 3'],
  'trailing-empty': ['info', 'separators at the end of a segment or value with nothing after them'],
  'field-required': ['error', 'required fields without a value'],
  'field-conditional': ['warning', 'fields without a value that another value of the message makes required'],
  'field-beyond': ['warning', 'fields after the last that the segment has'],
  'field-repeats': ['error', 'more repetitions than the field may have'],
  'field-withdrawn': ['info', 'fields that are kept for old systems only'],
  'component-required': ['warning', 'required components without a value'],
  'component-beyond': ['warning', 'components after the last that the data type has'],
  'value-type-missing': ['error', 'OBX-5 with a value while OBX-2 does not say its data type'],
  'value-type-unknown': ['error', 'OBX-2 that names no data type of the version'],
  'number-malformed': ['error', 'NM and SI values that are no numbers'],
  'date-malformed': ['error', 'dates in another form than YYYY[MM[DD]]'],
  'time-malformed': ['error', 'times in another form than HHMM[SS[.S]], with or without an offset'],
  'datetime-malformed': ['error', 'times in another form than YYYY[MM[DD[HH[MM[SS[.S]]]]]], with or without an offset'],
  'time-impossible': ['error', 'days and times that no calendar or clock has'],
  'zone-missing': ['info', 'times of day without an offset from UTC'],
  'code-system-missing': ['warning', 'coded values that do not name their coding system'],
  'code-unknown': ['error', 'values that the HL7 table of their field does not have'],
  'code-local': ['info', "values that HL7's suggestion for a user-defined table does not have"],
  'too-long': ['warning', 'values longer than versions 2.1 to 2.6 allow'],
  truncated: ['info', 'values that end in the truncation character'],
  'escape-invalid': ['warning', 'escape sequences that do not exist, and lone escape characters'],
} as const satisfies Readonly<Record<string, readonly [Severity, string]>>;

export type LintRule = keyof typeof lintRules;

/** One thing that is wrong with a message. Nothing of its content stands in `problem` and `right`. */
export interface Finding {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** Line of the segment in the text, from 1. */
  readonly line: number;
  /** `PID-3[2].4`; a segment's name alone, or '' where it is about the bytes. */
  readonly path: string;
  readonly problem: string;
  /** What would be right. */
  readonly right: string;
  /** The value in question as it stands in the message; to be shown only where that was asked for. */
  readonly value?: string;
}
