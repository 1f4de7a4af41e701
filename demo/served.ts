/** Asks whether this site serves a JSON file. */

/** True only for JSON: many servers answer every path with the page itself. */
export async function isServed(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    if (!response.ok) return false;
    await response.json();
    return true;
  } catch {
    return false; // no network, or not JSON: not served
  }
}
