/** What the Worker is bound to (see wrangler.toml), and what a request carries through its handlers. */

/** Bindings of the Worker. */
export interface Env {
  readonly SNAPSHOTS: R2Bucket;
  /** Key of the tokens' HS256 signature, at least 32 bytes: a secret, never in wrangler.toml. */
  readonly LOCI_TOKEN_SECRET: string;
  /** The `iss` that tokens must carry. */
  readonly LOCI_TOKEN_ISSUER: string;
  /** Origins of the pages that may call, separated by commas; empty for none. */
  readonly LOCI_ALLOWED_ORIGINS: string;
}

/** The types of this app's Hono context. */
export interface EdgeContext {
  Bindings: Env;
  Variables: {
    /** From the verified token, and from nowhere else. */
    tenant: string;
  };
}
