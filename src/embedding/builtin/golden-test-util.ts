/** Numbers of the shipped table, the same on every platform. */

export const GOLDEN: readonly { readonly text: string; readonly first: readonly number[] }[] = [
  {
    text: 'Ana moved to Lisbon in March; her cat Miso came along.',
    first: [
      0.06595689058303833, -0.018592245876789093, 0.0017330347327515483, 0.06823994219303131,
      0.009360096417367458, 0.03377985209226608,
    ],
  },
  {
    text: "Don’t ask Zoë: 'flumboxing' costs 1,234.50 €!",
    first: [
      -0.03656512871384621, 0.0004625378060154617, 0.026485782116651535, 0.006677080877125263,
      -0.06111473962664604, -0.0332271009683609,
    ],
  },
  {
    text: 'メモリー宮殿 🧠 Привет',
    first: [
      -0.014266956597566605, 0.031063886359333992, -0.022746151313185692, -0.0202416330575943,
      -0.06567297130823135, -0.07855961471796036,
    ],
  },
];
