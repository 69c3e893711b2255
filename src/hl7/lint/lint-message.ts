import { decodeMessage, isCharsetFault } from '../charset.js';
import type { Definition, Dictionary } from '../dictionary.js';
import { isParseFault, parseMessage } from '../message.js';
import { compareVersions } from '../version.js';
import { checkConditionals } from './conditional-rules.js';
import { checkFields } from './field-rules.js';
import { checkComponentSeparator, checkDelimiters, checkType, checkVersion, isNewer } from './header-rules.js';
import { collector, type LintContext, type TableCodes } from './report.js';
import type { Finding } from './rules.js';
import { checkSetIds } from './set-ids.js';
import { checkStructure } from './structure-rules.js';
import { checkCharacters, checkLineEnds } from './text-rules.js';

/** What to know of a message beside its bytes. */
export interface LintOptions {
  /** Line of the message's first byte in the file, from 1. */
  readonly line?: number;
  /** True when the bytes are as they were sent, not as an editor wrote them. */
  readonly wire?: boolean;
  /** Character set of messages that name none in MSH-18. */
  readonly charset?: string;
}

/** What one message gets wrong. */
export interface LintedMessage {
  readonly findings: readonly Finding[];
  /** The version it was checked against; '' when there is no message. */
  readonly version: string;
  /** MSH-9.1 and MSH-9.2 as sent. */
  readonly type: string;
  /** MSH-10 as sent. */
  readonly controlId: string;
}

/** Checks messages against the dictionary of the version each one names. */
export class Linter {
  readonly #dictionary: Dictionary;
  readonly #codes: TableCodes;
  readonly #definitions = new Map<string, Definition>();
  #userTables: ReadonlySet<number> | undefined;

  constructor(dictionary: Dictionary, codes: TableCodes) {
    this.#dictionary = dictionary;
    this.#codes = codes;
  }

  /** Checks one message. Never throws for what bytes hold. */
  lint(bytes: Buffer, { line = 1, wire = false, charset }: LintOptions = {}): LintedMessage {
    const findings: Finding[] = [];
    const report = collector(findings, line);
    const none = { findings, version: '', type: '', controlId: '' };
    const decoded = decodeMessage(bytes, charset);
    if (isCharsetFault(decoded)) {
      report('utf-16', { line: 1, path: '' }, 'UTF-16 or UTF-32', 'UNICODE UTF-8');
      return none;
    }
    const message = parseMessage(decoded.text, decoded.decodeBytes);
    if (isParseFault(message)) {
      report('no-message', { line: message.line, path: '' }, message.detail, 'MSH|^~\\&|…');
      return none;
    }
    const sent = message.header.value(12).trim();
    const version = this.#dictionary.nearestVersion(sent);
    const context: LintContext = {
      version,
      isNewer: isNewer(sent, this.#dictionary),
      dictionary: this.#dictionary,
      segment: (name) => this.#defined(`${version} S ${name}`, () => this.#dictionary.segment(name, version)),
      dataType: (name) => this.#defined(`${version} T ${name}`, () => this.#dictionary.dataType(name, version)),
      codes: this.#codes,
      isUserTable: (table) => this.#isUserTable(table),
      report,
    };
    checkLineEnds(bytes, wire, report);
    checkCharacters(bytes, message, report);
    checkDelimiters(message, version, report);
    checkComponentSeparator(message, report);
    checkVersion(message, this.#dictionary, report);
    checkType(message, context);
    checkStructure(message, context);
    checkSetIds(message, context);
    checkFields(message, context);
    checkConditionals(message, context);
    findings.sort((a, b) => a.line - b.line);
    const type = [message.header.value(9), message.header.value(9, 1, 2)].filter(Boolean).join('^');
    return { findings, version, type, controlId: message.header.value(10) };
  }

  #defined(key: string, find: () => Definition | undefined): Definition | undefined {
    const known = this.#definitions.get(key) ?? find();
    // What messages make up is not kept: there is no end of it.
    if (known !== undefined) this.#definitions.set(key, known);
    return known;
  }

  /** A table is the user's where some version from 2.4 on, in which ID and IS are told apart everywhere, gives it to an IS. */
  #isUserTable(table: number): boolean {
    this.#userTables ??= userTables(this.#dictionary);
    return this.#userTables.has(table);
  }
}

function userTables(dictionary: Dictionary): ReadonlySet<number> {
  const found = new Set<number>();
  for (const version of dictionary.versions.filter((each) => compareVersions(each, '2.4') >= 0)) {
    for (const name of dictionary.segmentNames(version)) {
      for (const { type, table } of dictionary.segment(name, version)?.fields ?? []) {
        if (type === 'IS' && table !== undefined) found.add(Number(table.slice(3)));
      }
    }
  }
  return found;
}
