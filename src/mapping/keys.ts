import type { Group } from '../hl7/grouping.js';
import { belongsTo } from './find-draft.js';
import type { Builds } from './message-compiler.js';
import type { DraftBuilder, Run } from './run.js';

const none: readonly DraftBuilder[] = [];

/** Makes the keys of all drafts of builds, in their order. Equal keys are counted, or reported. */
export function assignKeys(run: Run, { list, byName }: Builds): void {
  const seen = new Map<string, number>();
  let keyed: DraftBuilder | undefined;
  let keyText = '';
  for (const build of list) {
    for (const draft of run.named.get(build.as) ?? none) {
      if (byName.get(draft.name) !== build || draft.type !== build.type) continue;
      run.segment = draft.segment;
      run.group = draft.group;
      run.draft = draft;
      run.trace?.enter(`identity/${build.type}`);
      const made = build.key(run, undefined);
      if (made !== undefined) run.trace?.made(draft.label, 'id');
      run.trace?.leave();
      if (made === undefined) continue;
      const patient = made.patient ? nearestPatient(run, draft) : undefined;
      if (made.patient && patient?.key === undefined) continue;
      const plain = draft.panel === undefined ? made.parts : [...made.parts, draft.panel];
      if (patient !== keyed) {
        keyed = patient;
        keyText = patient?.key?.parts.join('\u0000') ?? '';
      }
      const whose = `${build.type}\u0000${keyText}\u0000\u0000`;
      const second = made.apart !== undefined && made.apart.length > 0 && seen.has(whose + plain.join('\u0000'));
      const parts = second ? [...plain, ...(made.apart ?? [])] : plain;
      const name = whose + parts.join('\u0000');
      const within = patient === undefined || made.within?.patient === patient ? made.within : undefined;
      const count = made.same === true ? 1 : (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      if (count > 1 && !made.count) {
        run.report(
          'warning',
          'key-not-unique',
          undefined,
          `another ${build.type} of this message has the same key; it was counted`,
        );
      }
      const added = [
        ...(draft.panel === undefined ? [] : [draft.panel]),
        ...(second ? (made.apart ?? []) : []),
        ...(count > 1 ? [`#${count}`] : []),
      ];
      draft.key = {
        patient,
        parts: [...made.parts, ...added],
        also: second ? [] : made.also,
        ...(within === undefined ? {} : { within: { patient: within.patient, rest: [...within.rest, ...added] } }),
      };
    }
  }
  run.draft = undefined;
}

/** The patient of a draft: of its group, else of the nearest around it. */
function nearestPatient(run: Run, from: DraftBuilder): DraftBuilder | undefined {
  const { patients } = run;
  if (patients.length <= 1) return patients[0];
  for (let group: Group | undefined = from.group; group !== undefined; group = group.parent) {
    const place = group;
    const found = patients.find((patient) => belongsTo(patient.group, place));
    if (found !== undefined) return found;
  }
  return undefined;
}
