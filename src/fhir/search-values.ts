/** One search value of a resource; `versions` is a bit mask (R4 1, STU3 2, DSTU2 4) of the renderings that show it. */
export type SearchValue = { readonly parameter: string; readonly versions: number } & (
  | { readonly kind: 'token'; readonly system: string | null; readonly code: string | null; readonly text?: string }
  | { readonly kind: 'string'; readonly folded: string; readonly exact: string; readonly grams: boolean }
  | { readonly kind: 'date'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'reference';
      readonly type: string | null;
      readonly id: string | null;
      readonly url: string | null;
    }
  | { readonly kind: 'number'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'quantity';
      readonly low: number;
      readonly high: number;
      readonly system: string | null;
      readonly code: string | null;
      readonly unit: string | null;
    }
  | { readonly kind: 'uri'; readonly value: string }
);
