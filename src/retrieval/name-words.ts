/** English words that are names too, and what stands before a name: by these a name that is written small is told from a word. */

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Names that are grammar as well: written small, they are names only where a name must stand. */
export const GRAMMAR_NAMES = wordsOf('will may');

/** Names, and words for who speaks, that are ordinary words as well. */
export const ORDINARY_NAMES = wordsOf(`
  amber angel april art ash aspen august autumn baron basil bay bear bill blaze bob brook buck bud buddy carol
  chance chase chip christian clay cliff coral crystal daisy dale dawn dean dick dot drew duke earl earnest eve
  faith fern flora forest frank frost gene ginger glen glory gold grace grant gray guy harmony hazel heath heather
  heaven holly honey hope hunter iris ivy jack jade jasmine jay jean jewel joy june king knight lance lane laurel
  lily lord love lucky maple mark mason max melody mercy miles misty moss myrtle nick noble norm olive page pansy
  parker pat patience pearl penny pepper pierce piper poppy porter prince princess prudence queen rain ray reed rich
  river rob robin rocky rod rose ruby rusty sage sandy savannah scout serenity sierra skip sky sonny star sterling
  stew stone storm sue summer sunny temple tiffany trinity trip van violet wade ward west willow winter woody
  admin agent assistant boss bot caller client coach colleague customer dad doctor editor father friend guest host
  human manager mom mother mum narrator nurse patient reporter server service speaker student support system teacher
  team tester tool user visitor`);

/** What people do with all that they are heard with: beside a name, such a word asks for nothing in particular. */
export const SPEECH_VERBS = wordsOf(
  'say says said saying tell tells told telling mention mentioned talk talked talking',
);

/** What stands before a subject, as in "what did bo say" and "where was bo". */
export const BEFORE_SUBJECT =
  /\b(?:did|does|didn['’]t|doesn['’]t)\s+$|\b(?:where|when|why|how)\s+(?:is|was|has|had)\s+$/iu;
/** What stands before a word that is no name. */
export const BEFORE_NOUN =
  /\b(?:the|an?|this|that|these|those|my|your|his|her|our|their|its|some|any|no|every|each|which|what|whose|many|much|more|most|all)\s+$/iu;
/** What stands before the first word of a sentence. */
export const BEFORE_SENTENCE = /(?:^|[.?!]\s)[\s"'“”„«‘’(¿¡]*$/u;
/** What a subject begins with that is no name: behind a verb that begins a sentence ("Will the roof hold?"). */
export const SUBJECT_START =
  /^\s+(?:the|an?|this|that|these|those|my|your|his|her|our|their|its|some|any|no|every|each|all|both|I|you|he|she|it|we|they|there|(?:any|some|every|no)(?:one|body|thing))\b/iu;
/** Characters that are looked at for these. */
export const LOOK_BACK_CHARS = 24;
