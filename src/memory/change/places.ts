/** Names that may follow "moved to" and "live in", by what they name: a city does not contradict its country. */

const STATES =
  'Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York North_Carolina North_Dakota Ohio Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont Virginia Washington West_Virginia Wisconsin Wyoming Ontario Quebec Bavaria Scotland Wales England Catalonia Tuscany Provence Brittany Normandy Andalusia Sicily Queensland Victoria';
/** Other names of countries, each with the one that the platform has. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  usa: 'united states',
  us: 'united states',
  america: 'united states',
  'united states of america': 'united states',
  uk: 'united kingdom',
  britain: 'united kingdom',
  'great britain': 'united kingdom',
  holland: 'netherlands',
  turkey: 'türkiye',
  'czech republic': 'czechia',
  burma: 'myanmar',
  korea: 'south korea',
  macedonia: 'north macedonia',
  'ivory coast': 'côte d’ivoire',
  swaziland: 'eswatini',
  'hong kong': 'hong kong sar china',
};

/** What people move to that is no place: parts of a firm, and tools. */
const NO_PLACES =
  'marketing sales engineering product finance hr legal support design operations research management it security data platform infrastructure slack notion linux windows mac macos android ios github gitlab jira python typescript javascript rust go java kotlin swift kubernetes docker aws azure gcp postgres postgresql mysql sqlite mongodb redis react vue angular svelte node deno bun vim emacs vscode chrome firefox safari gmail outlook zoom teams office excel google apple microsoft monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december plan tier team group department street avenue road lane drive square boulevard building campus dorm house apartment flat room floor office downtown uptown midtown suburbs district quarter county region coast valley island bay north south east west europe asia africa';

const words = (list: string) => new Set(list.toLowerCase().replaceAll('_', '~').split(' ').map(spaced));
const spaced = (word: string) => word.replaceAll('~', ' ');
const states: ReadonlySet<string> = words(STATES);
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

/** How wide a place is; undefined for what is no place, or one whose width its name does not tell. */
function widthOf(name: string): 'country' | 'state' | 'town' | undefined {
  if (!/^(?:the )?\p{Lu}/u.test(name) || /\d/u.test(name)) return undefined;
  const form = formOf(name);
  if (states.has(form)) return 'state';
  if (countryNames().has(form) || Object.values(OTHER_NAMES).includes(form)) return 'country';
  // "The Algarve" is a region, and NYC another name of what may have been named in full.
  const isVague =
    /^(?:the .*|\p{Lu}{2,4})$/u.test(name) || form.split(' ').some((word) => noPlaces.has(word));
  return isVague ? undefined : 'town';
}

function formOf(name: string): string {
  const lower = name.toLowerCase().replace(/^the /u, '');
  return OTHER_NAMES[lower] ?? lower;
}

/** Whether a name may be that of a place. */
export function isPlace(name: string): boolean {
  return widthOf(name) !== undefined;
}

/** Whether who is in one place is surely not in the other: both are as wide, and neither is named in the other. */
export function areApart(one: string, other: string): boolean {
  const width = widthOf(one);
  if (width === undefined || width !== widthOf(other)) return false;
  const [a, b] = [formOf(one), formOf(other)];
  return !a.includes(b) && !b.includes(a);
}
