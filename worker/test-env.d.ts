/** Types of what `cloudflare:workers` gives the tests. */
declare namespace Cloudflare {
  interface Env {
    readonly SNAPSHOTS: R2Bucket;
    readonly LOCI_TOKEN_SECRET: string;
    readonly LOCI_TOKEN_ISSUER: string;
    readonly LOCI_ALLOWED_ORIGINS: string;
  }
  interface GlobalProps {
    mainModule: typeof import('./index.ts');
  }
}
