/** Labels of hnswlib: each used once, so that a slot used again cannot be found under its old one. */

export interface Labels {
  /** A fresh label for an ordinal that has none. */
  give(ordinal: number): number;
  /** The label of an ordinal, which loses it. */
  take(ordinal: number): number;
  readonly ordinalOf: (label: number) => number;
  /** Whether labels were taken whose slots are free to be used again; counts one as used. */
  hasFree(): boolean;
}

export function createLabels(): Labels {
  const ordinals: number[] = [];
  const labels: number[] = [];
  let free = 0;
  return {
    give: (ordinal) => {
      const label = ordinals.push(ordinal) - 1;
      labels[ordinal] = label;
      return label;
    },
    take: (ordinal) => {
      free++;
      return labels[ordinal] ?? -1;
    },
    ordinalOf: (label) => ordinals[label] ?? -1,
    hasFree: () => {
      if (free === 0) return false;
      free--;
      return true;
    },
  };
}
