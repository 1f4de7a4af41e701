/** The page's few pictures, drawn inline so that nothing is fetched. */

/** A palace with one lit room: the method of loci. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M6 13 16 6l10 7" fill="none" stroke="#fff" stroke-width="2.2" stroke-linejoin="round" />
      <path d="M9 15v9M23 15v9M7 25.5h18" stroke="#fff" stroke-width="2.2" stroke-linecap="round" />
      <circle cx="16" cy="19" r="3" fill="#ffd479" />
    </svg>
  );
}

/** An arrow on the send button. */
export function SendIcon() {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path
        d="M12 19V5M6 11l6-6 6 6"
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
