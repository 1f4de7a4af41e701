/** Names that may follow "moved to" and "live in", by what they name: a city does not contradict its country. */

const STATES =
  'Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York North_Carolina North_Dakota Ohio Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont Virginia Washington West_Virginia Wisconsin Wyoming Ontario Quebec Bavaria Scotland Wales England Catalonia Tuscany Provence Brittany Normandy Andalusia Sicily Queensland Victoria';
/** Other names of countries, and what holds several of them. */
const WIDE =
  'usa us uk america britain europe asia africa australia south_america north_america the_netherlands';

/** What people move to that is no place: parts of a firm, and tools. */
const NO_PLACES =
  'marketing sales engineering product finance hr legal support design operations research management it security data platform infrastructure slack notion linux windows mac macos android ios github gitlab jira python typescript javascript rust go java kotlin swift kubernetes docker aws azure gcp postgres postgresql mysql sqlite mongodb redis react vue angular svelte node deno bun vim emacs vscode chrome firefox safari gmail outlook zoom teams office excel google apple microsoft monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december plan tier team group department';

const words = (list: string) => new Set(list.toLowerCase().replaceAll('_', '~').split(' ').map(spaced));
const spaced = (word: string) => word.replaceAll('~', ' ');
const states: ReadonlySet<string> = words(STATES);
const wide: ReadonlySet<string> = words(WIDE);
const noPlaces: ReadonlySet<string> = words(NO_PLACES);

let countries: ReadonlySet<string> | undefined;

/** The names of all countries, as the platform has them. */
function countryNames(): ReadonlySet<string> {
  if (countries !== undefined) return countries;
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  countries = new Set(codes.flatMap((code) => names.of(code)?.toLowerCase() ?? []));
  return countries;
}

/** How wide a place is; undefined for what is no place. Names of places begin with a capital. */
export function widthOf(name: string): 'country' | 'state' | 'town' | undefined {
  const lower = name.toLowerCase().replace(/^the /u, '');
  if (!/^(?:the )?\p{Lu}/u.test(name) || /\d/u.test(name)) return undefined;
  if (lower.split(' ').some((word) => noPlaces.has(word))) return undefined;
  if (states.has(lower)) return 'state';
  return wide.has(lower) || countryNames().has(lower) ? 'country' : 'town';
}

/** Whether who is in one place is surely not in the other: both are as wide, and neither is named in the other. */
export function areApart(one: string, other: string): boolean {
  const width = widthOf(one);
  if (width === undefined || width !== widthOf(other)) return false;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return !a.includes(b) && !b.includes(a);
}
