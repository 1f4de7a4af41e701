/** The languages whose stop words and stems are known; each is loaded when a namespace in it is opened. */

import { LociError } from '../errors.ts';
import { ENGLISH, type TextLanguage } from './language.ts';

interface Parts {
  readonly stopwords: readonly string[];
  readonly stemmer?: (word: string) => string;
}
type Load = () => Promise<Parts>;

/** The library's modules of a language, of which one has the list and the other, where there is one, the stemmer. */
function of(
  loadStopwords: () => Promise<{ readonly stopwords: readonly string[] }>,
  loadStemmer?: () => Promise<{ readonly stemmer: (word: string) => string }>,
): Load {
  return async () => {
    const [words, stems] = await Promise.all([loadStopwords(), loadStemmer?.()]);
    return { ...words, ...stems };
  };
}

// Written out, because bundlers follow no others.
const LANGUAGES: Readonly<Record<string, Load>> = {
  ar: of(
    () => import('@orama/stopwords/arabic'),
    () => import('@orama/stemmers/arabic'),
  ),
  bg: of(
    () => import('@orama/stopwords/bulgarian'),
    () => import('@orama/stemmers/bulgarian'),
  ),
  da: of(
    () => import('@orama/stopwords/danish'),
    () => import('@orama/stemmers/danish'),
  ),
  de: of(
    () => import('@orama/stopwords/german'),
    () => import('@orama/stemmers/german'),
  ),
  el: of(
    () => import('@orama/stopwords/greek'),
    () => import('@orama/stemmers/greek'),
  ),
  es: of(
    () => import('@orama/stopwords/spanish'),
    () => import('@orama/stemmers/spanish'),
  ),
  fi: of(
    () => import('@orama/stopwords/finnish'),
    () => import('@orama/stemmers/finnish'),
  ),
  fr: of(
    () => import('@orama/stopwords/french'),
    () => import('@orama/stemmers/french'),
  ),
  ga: of(
    () => import('@orama/stopwords/irish'),
    () => import('@orama/stemmers/irish'),
  ),
  hi: of(
    () => import('@orama/stopwords/indian'),
    () => import('@orama/stemmers/indian'),
  ),
  hu: of(
    () => import('@orama/stopwords/hungarian'),
    () => import('@orama/stemmers/hungarian'),
  ),
  hy: of(
    () => import('@orama/stopwords/armenian'),
    () => import('@orama/stemmers/armenian'),
  ),
  id: of(
    () => import('@orama/stopwords/indonesian'),
    () => import('@orama/stemmers/indonesian'),
  ),
  it: of(
    () => import('@orama/stopwords/italian'),
    () => import('@orama/stemmers/italian'),
  ),
  lt: of(
    () => import('@orama/stopwords/lithuanian'),
    () => import('@orama/stemmers/lithuanian'),
  ),
  ne: of(
    () => import('@orama/stopwords/nepali'),
    () => import('@orama/stemmers/nepali'),
  ),
  nl: of(
    () => import('@orama/stopwords/dutch'),
    () => import('@orama/stemmers/dutch'),
  ),
  no: of(
    () => import('@orama/stopwords/norwegian'),
    () => import('@orama/stemmers/norwegian'),
  ),
  pt: of(
    () => import('@orama/stopwords/portuguese'),
    () => import('@orama/stemmers/portuguese'),
  ),
  ro: of(
    () => import('@orama/stopwords/romanian'),
    () => import('@orama/stemmers/romanian'),
  ),
  ru: of(
    () => import('@orama/stopwords/russian'),
    () => import('@orama/stemmers/russian'),
  ),
  sr: of(
    () => import('@orama/stopwords/serbian'),
    () => import('@orama/stemmers/serbian'),
  ),
  sv: of(
    () => import('@orama/stopwords/swedish'),
    () => import('@orama/stemmers/swedish'),
  ),
  ta: of(
    () => import('@orama/stopwords/tamil'),
    () => import('@orama/stemmers/tamil'),
  ),
  tr: of(
    () => import('@orama/stopwords/turkish'),
    () => import('@orama/stemmers/turkish'),
  ),
  uk: of(
    () => import('@orama/stopwords/ukrainian'),
    () => import('@orama/stemmers/ukrainian'),
  ),
  // Without endings.
  ja: of(() => import('@orama/stopwords/japanese')),
  zh: of(() => import('@orama/stopwords/mandarin')),
};

/** Their codes, ISO 639-1. */
export const TEXT_LANGUAGES: readonly string[] = ['en', ...Object.keys(LANGUAGES)];

/**
 * The two letters of a language, without a region behind them.
 *
 * @throws LociError `INVALID_INPUT` for a language that is not among {@link TEXT_LANGUAGES}.
 */
export function checkLanguage(code: string): string {
  const name = String(code).toLowerCase().split('-')[0] as string;
  if (TEXT_LANGUAGES.includes(name)) return name;
  throw new LociError('INVALID_INPUT', `"${code}" is no language whose words are known`, {
    hint: `Name one of ${TEXT_LANGUAGES.join(', ')}, or leave it out for English: texts in others are found by their words as they are written.`,
  });
}

/**
 * What is known of a language.
 *
 * @param code ISO 639-1; a region behind it is left out of account. Default `en`, which is there already.
 *
 * @throws LociError `INVALID_INPUT` for a language that is not among {@link TEXT_LANGUAGES}; `MODEL_UNAVAILABLE`
 * where its words cannot be loaded.
 */
export async function loadLanguage(code: string = ENGLISH.code): Promise<TextLanguage> {
  const name = checkLanguage(code);
  const load = LANGUAGES[name];
  if (load === undefined) return ENGLISH;
  const { stopwords, stemmer } = await load().catch((error: unknown) => {
    throw new LociError('MODEL_UNAVAILABLE', `The words of the language "${name}" could not be loaded`, {
      retryable: true,
      hint: 'Open it again once the network is there.',
      cause: error,
    });
  });
  return {
    code: name,
    stopWords: new Set(stopwords.map((word) => word.normalize('NFKC').toLowerCase())),
    // A stem of nothing would bring unlike words together.
    stem: (word) => stemmer?.(word) || word,
  };
}
