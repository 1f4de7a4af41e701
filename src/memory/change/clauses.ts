/** Cuts a text into clauses, and leaves out those that assert nothing: questions, wishes, plans, hearsay, quotations. */

/** Longest text that is read for changes, characters: what is longer is a document, which tells of many things. */
const MAX_TEXT_CHARS = 2_000;
/** Longest clause, characters: in what is longer the parts that were cut off change what is said. */
const MAX_CLAUSE_CHARS = 160;

/** Kept with the sentence, since a question is told by it; looking behind is not for browsers of before 2023. */
const SENTENCE_END = /([.!?;])\s+/gu;
/** Where one clause ends and the next begins; a point within a number or an address ends none. */
const BETWEEN = /\n+|,\s+(?:and|but|so)\s+|\s+but\s+|\s[–—-]\s/u;

/** What makes of a clause something that is not asserted, or not for good. */
const VETO = new RegExp(
  [
    String.raw`\b(?:if|whether|unless|would|could|might|may|should|shall|will|wo|maybe|perhaps|probably|possibly)\b`,
    String.raw`['’](?:ll|d)\b`,
    String.raw`\b(?:wish|hope|hoping|want|wants|wanted|wanna|plan|plans|planning|planned|going to|gonna|about to)\b`,
    String.raw`\b(?:think|thinking|thought|guess|suppose|believe|consider|considering|imagine|pretend|dream|dreamed|dreamt)\b`,
    String.raw`\b(?:say|says|said|tell|tells|told|hear|heard|ask|asks|asked|claim|claims|joke|joking|kidding)\b`,
    String.raw`\b(?:almost|nearly|soon|tomorrow|someday|temporarily|briefly|trying|tried|try|sometimes)\b`,
    String.raw`\b(?:also|too|as well|additionally|another|second|part-time|both|either|or)\b`,
    String.raw`\bfor (?:now|today|(?:a|an|the|one|two|three|\d+|this|that)\s(?:\w+\s)?(?:bit|while|time|day|week|weekend|month|year|spring|summer|autumn|fall|winter|season|semester|moment)s?)\b`,
    String.raw`\b(?:right now|just now|until|till|by now|now and then|now that)\b`,
    String.raw`\b(?:when|while|back then|at the time|character|protagonist|novel|story|movie)\b`,
    '["“”«»?]',
  ].join('|'),
  'iu',
);

/** What opens a clause and says nothing. */
const OPENING =
  /^(?:(?:oh|hey|hi|hello|yes|yeah|no|well|so|and|but|also|actually|anyway|btw|fyi|ok|okay|update|correction|news|note|by the way|guess what|just so you know|as of (?:today|now)|turns out)\b[\s,:!-]*)+/iu;

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/\bI['’]m\b/gu, 'I am'],
  [/['’]ve\b/gu, ' have'],
  [/\b(we|they|you)['’]re\b/giu, '$1 are'],
  [/\b(do|does|is|are|was|were|has|have)n['’]t\b/giu, '$1 not'],
];

/**
 * The clauses of a text that assert something, contractions written out.
 *
 * @param marks what a clause must have to be of interest; it is looked for first, since little else takes time.
 */
export function clausesOf(text: string, marks?: RegExp): readonly string[] {
  if (text.length > MAX_TEXT_CHARS || marks?.test(text) === false) return [];
  return text
    .replace(SENTENCE_END, '$1\n')
    .split(BETWEEN)
    .flatMap((part) => {
      if (marks?.test(part) === false) return [];
      if (part.length > MAX_CLAUSE_CHARS || VETO.test(part)) return [];
      const plain = part.replace(OPENING, '').replace(/[\s.!;,]+$/u, '');
      const clause = CONTRACTIONS.reduce((left, [short, long]) => left.replace(short, long), plain).trim();
      return clause === '' ? [] : [clause];
    });
}

/** Where what is spoken of ends, and when, why and with whom begins. */
const BEHIND =
  /\s*(?:[,;(–—]|:\s).*$|\s+(?:and|but|since|because|with|as|last|this|these|in \d{4}|on|from|after|now|nowadays|again|any ?more|any longer|instead|currently|today|yesterday|recently|ago|a (?:few|couple|week|month|year)|where|which|who|so|every|each|all|for)\b.*$/iu;

/** What may follow without narrowing down what is said: when it began, and why. */
const WHEN_AND_WHY =
  /\s*[,;(].*$|\s+(?:because|since)\s.*$|(?:\s+(?:now|nowadays|these days|today|yesterday|recently|currently|again|(?:last|this) \p{L}+|in (?:\p{L}+ )?\d{4}|[\p{L}\d]+ (?:day|week|month|year)s? ago))+$/iu;

/** Whether the rest of a clause speaks of all of its object, and not of a part: "meat", and not "meat on Fridays". */
export function isWhole(rest: string): boolean {
  const plain = rest.replace(WHEN_AND_WHY, '');
  return !BEHIND.test(plain) && !NARROWING.test(plain);
}

const NARROWING = /\s(?:in|at|to|by|under|during|within|inside|outside|without|except|only|much|often)\s/iu;

/** What is spoken of in the rest of a clause, as it was written. */
export function objectOf(rest: string): string {
  return rest.replace(BEHIND, '').trim();
}

/** The form in which objects are compared: without case, marks, and words that only point. */
export function normalizeObject(object: string): string {
  return object
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@:/._+#%$€£-]+/gu, ' ')
    .replace(/^(?:(?:the|a|an|my|our|his|her|their|at|on|in|to)\s+)+/u, '')
    .replace(/[.:/_-]+$/u, '')
    .trim();
}
