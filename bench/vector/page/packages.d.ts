/** Rivals by the names the worker's bundle imports: the type checker must pass where they are not installed. */

declare module 'edgevec';
declare module 'mememo';
declare module 'voy-search/voy_search_bg.js' {
  export const Voy: unknown;
}
declare module '@orama/orama';
