/** What happens to the page around a memory: hidden, shown, frozen, gone back to. */

export interface PageLifeHandlers {
  /** Nobody sees the page, and it may end without another word. */
  readonly hidden: () => void;
  /** It is seen again. */
  readonly shown: () => void;
  /**
   * It is about to be frozen, or kept for going back to. What it holds would block other tabs, and a
   * browser does not keep a page that holds a lock: all must be let go before this returns.
   */
  readonly suspended: () => void;
  /** It runs again. */
  readonly resumed: () => void;
}

/** Whether nobody sees the page now; false where there is no page. */
export function isPageHidden(): boolean {
  return globalThis.document?.visibilityState === 'hidden';
}

/** Tells of the page's life until the function answered is called; of nothing where there is no page. */
export function watchPage(handlers: PageLifeHandlers): () => void {
  if (globalThis.document === undefined) return () => undefined;
  const abort = new AbortController();
  const { signal } = abort;
  const onVisibility = () => (isPageHidden() ? handlers.hidden() : handlers.shown());
  const onHide = ({ persisted }: PageTransitionEvent) =>
    persisted ? handlers.suspended() : handlers.hidden();
  const onShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) handlers.resumed();
  };
  document.addEventListener('visibilitychange', onVisibility, { signal });
  document.addEventListener('freeze', handlers.suspended, { signal });
  document.addEventListener('resume', handlers.resumed, { signal });
  window.addEventListener('pagehide', onHide, { signal });
  window.addEventListener('pageshow', onShow, { signal });
  return () => abort.abort();
}
