/** Numbers of the shipped table, the same on every platform. */

export const GOLDEN: readonly { readonly text: string; readonly first: readonly number[] }[] = [
  {
    text: 'Ana moved to Lisbon in March; her cat Miso came along.',
    first: [
      0.08662337809801102, 0.00038428910193033516, 0.004984244238585234, 0.04497731477022171,
      -0.0034420026931911707, 0.03304784372448921,
    ],
  },
  {
    text: "Don’t ask Zoë: 'flumboxing' costs 1,234.50 €!",
    first: [
      -0.027409877628087997, 0.002843014430254698, 0.04416868835687637, -0.007676007226109505,
      -0.05372121185064316, -0.026808962225914,
    ],
  },
  {
    text: 'メモリー宮殿 🧠 Привет',
    first: [
      -0.013441904447972775, 0.02023308351635933, -0.018570952117443085, -0.029083527624607086,
      -0.014477184973657131, -0.06329741328954697,
    ],
  },
];
