/** How tenants' files were made before: an older file is read and written by every later program. */
const third = `
  CREATE TABLE document (
    doc INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, version INTEGER NOT NULL,
    last_updated INTEGER NOT NULL, sort_date INTEGER, sort_key INTEGER NOT NULL, shown INTEGER NOT NULL,
    patient TEXT NOT NULL, key_rest TEXT NOT NULL, stands_for TEXT NOT NULL, members TEXT NOT NULL, source TEXT NOT NULL,
    hash TEXT NOT NULL, resource TEXT, state TEXT NOT NULL, moved TEXT NOT NULL DEFAULT '') STRICT;
  CREATE UNIQUE INDEX document_id ON document (type, id);
  CREATE INDEX document_order ON document (type, sort_key DESC, id) WHERE shown = 1;
  CREATE INDEX document_updated ON document (type, last_updated DESC, id) WHERE shown = 1;
  CREATE INDEX document_patient ON document (type, patient, key_rest) WHERE patient <> '';

  CREATE TABLE shown_count (type TEXT PRIMARY KEY, documents INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE touch (
    doc INTEGER NOT NULL, registers TEXT NOT NULL, authority INTEGER NOT NULL, time INTEGER NOT NULL,
    arrival INTEGER NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL, mapping_version INTEGER NOT NULL,
    PRIMARY KEY (doc, registers)) STRICT, WITHOUT ROWID;

  CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    last_updated INTEGER NOT NULL, source TEXT NOT NULL, mapping_version INTEGER NOT NULL, resource TEXT) STRICT;
  CREATE UNIQUE INDEX history_version ON history (type, id, version);
  CREATE INDEX history_type ON history (type, seq);

  CREATE TABLE parameter (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE search_values (doc INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE token_index (
    parameter INTEGER NOT NULL, code TEXT NOT NULL, system TEXT NOT NULL, doc INTEGER NOT NULL, versions INTEGER NOT NULL,
    PRIMARY KEY (parameter, code, doc, system)) STRICT, WITHOUT ROWID;
  CREATE TABLE string_index (
    parameter INTEGER NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, doc INTEGER NOT NULL, versions INTEGER NOT NULL,
    PRIMARY KEY (parameter, part, text, doc)) STRICT, WITHOUT ROWID;
  CREATE TABLE date_index (
    parameter INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, doc INTEGER NOT NULL, versions INTEGER NOT NULL,
    PRIMARY KEY (parameter, low, high, doc)) STRICT, WITHOUT ROWID;
  CREATE TABLE number_index (
    parameter INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, doc INTEGER NOT NULL, versions INTEGER NOT NULL,
    PRIMARY KEY (parameter, low, high, doc)) STRICT, WITHOUT ROWID;
  CREATE TABLE reference_index (
    parameter INTEGER NOT NULL, target TEXT NOT NULL, sort_key INTEGER NOT NULL, doc INTEGER NOT NULL, type TEXT NOT NULL,
    versions INTEGER NOT NULL, PRIMARY KEY (parameter, target, sort_key DESC, doc, type)) STRICT, WITHOUT ROWID;
  CREATE TABLE uri_index (
    parameter INTEGER NOT NULL, value TEXT NOT NULL, doc INTEGER NOT NULL, versions INTEGER NOT NULL,
    PRIMARY KEY (parameter, value, doc)) STRICT, WITHOUT ROWID;
`;

const counted = /CREATE TABLE shown_count [^;]+;/;
const moved = ", moved TEXT NOT NULL DEFAULT ''";

/** The statements that made a file, by its format. */
export const olderSchemas: ReadonlyMap<number, string> = new Map([
  [1, third.replace(counted, '').replace(moved, '')],
  [2, third.replace(counted, '')],
  [3, third],
]);
