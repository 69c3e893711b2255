import { Fault } from '../../core/errors.js';

/** What a check found. */
export interface Finding {
  /** What was looked at: `stores`, `certificates`. */
  readonly area: string;
  readonly state: 'ok' | 'warning' | 'problem';
  /** What is so. Nothing of a patient, no secret. */
  readonly detail: string;
  /** What to do about it; for warnings and problems. */
  readonly todo?: string;
}

/** Makes findings of one area. */
export interface Area {
  ok(detail: string): Finding;
  warning(detail: string, todo: string): Finding;
  problem(detail: string, todo: string): Finding;
}

export function area(name: string): Area {
  return {
    ok: (detail) => ({ area: name, state: 'ok', detail }),
    warning: (detail, todo) => ({ area: name, state: 'warning', detail, todo }),
    problem: (detail, todo) => ({ area: name, state: 'problem', detail, todo }),
  };
}

/** Why something failed: the sentence of a fault, else the code of the operating system. */
export function reasonOf(error: unknown): string {
  if (error instanceof Fault) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** `3.2 GiB`. */
export function sizeOf(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `4 s`, `3 min`, `5 h`, `12 days`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
