/** English words that are only grammar. */

/** English words that say nothing of what a text is about. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the and or but if of to in on at by for with from as is are was were be been am do does did have has had ' +
    'i you he she it we they me him her us them my your his its our their this that these those what which who ' +
    'when where why how so not no can could will would should there here about into than then too very just s t'
  ).split(' '),
);
