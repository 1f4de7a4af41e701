/** What the notes are made of, written by hand: services and what they are called in questions, and what befell them. */

export interface Service {
  readonly name: string;
  readonly path: string;
  /** As a question speaks of it. */
  readonly asked: string;
}

export interface Trouble {
  readonly symptom: string;
  /** As a question speaks of it: "What made it …?" */
  readonly asked: string;
  readonly guess: string;
  readonly output: string;
  readonly cause: string;
  readonly fix: string;
}

const service = (name: string, path: string, asked: string): Service => ({ name, path, asked });

export const SERVICES: readonly Service[] = [
  service('invoice-export', 'services/invoices', 'the job that writes bills'),
  service('login-gateway', 'services/login', 'signing in'),
  service('thumbnailer', 'services/thumbs', 'the preview pictures'),
  service('mail-digest', 'services/digest', 'the daily summary by e-mail'),
  service('geo-lookup', 'services/geo', 'finding a place by its address'),
  service('cart-sync', 'services/cart', 'the shopping basket'),
  service('stock-feed', 'services/stock', 'the warehouse numbers'),
  service('payroll-batch', 'services/payroll', 'paying salaries'),
  service('chat-relay', 'services/relay', 'instant messages'),
  service('search-indexer', 'services/indexer', 'the crawler for full text'),
  service('avatar-upload', 'services/avatars', 'profile photos'),
  service('tax-rules', 'services/tax', 'VAT'),
  service('calendar-bridge', 'services/calendar', 'appointments'),
  service('video-encoder', 'services/video', 'film conversion'),
  service('audit-trail', 'services/audit', 'the record of who did what'),
  service('feature-flags', 'services/flags', 'the switches for new functions'),
  service('pdf-renderer', 'services/pdf', 'printable documents'),
  service('coupon-engine', 'services/coupons', 'discount codes'),
  service('webhook-sender', 'services/webhooks', 'calls to partners'),
  service('session-store', 'services/sessions', 'keeping people signed in'),
  service('fraud-score', 'services/fraud', 'spotting cheaters'),
  service('translation-cache', 'services/i18n', 'texts in other languages'),
  service('backup-runner', 'services/backup', 'the nightly copies'),
  service('sensor-intake', 'services/sensors', 'the thermometers’ readings'),
  service('quota-meter', 'services/quota', 'counting what customers use'),
  service('route-planner', 'services/routes', 'planning the vans’ trips'),
  service('survey-forms', 'services/surveys', 'questionnaires'),
  service('ledger-import', 'services/ledger', 'reading bank statements'),
  service('push-notifier', 'services/push', 'alerts on phones'),
  service('docs-site', 'services/docs', 'the manual online'),
];

export const TROUBLES: readonly Trouble[] = [
  {
    symptom: 'answers with status 504 every morning',
    asked: 'time out at the start of the day',
    guess: 'First guess: the load balancer. Its log is clean.',
    output:
      '$ psql -c "select wait_event, count(*) from pg_stat_activity group by 1"\nLock | 41\nClientRead | 3',
    cause: 'Found it: a vacuum that starts at six holds a lock on the largest table.',
    fix: 'Moved the maintenance window to two at night and set lock_timeout to 3 s.',
  },
  {
    symptom: 'memory grows until the container is killed',
    asked: 'run out of RAM',
    guess: 'Could be the image cache; switching it off changes nothing.',
    output: '$ kubectl top pod\nNAME CPU(cores) MEMORY(bytes)\nworker-0 120m 1893Mi',
    cause: 'The heap snapshot shows 400,000 listeners: each request subscribes and none unsubscribes.',
    fix: 'The handler now takes its subscription back in a finally block.',
  },
  {
    symptom: 'dates are a day early for customers in Auckland',
    asked: 'show the wrong day far east',
    guess: 'The browser sends the right offset, so it is not the form.',
    output: '$ node -e "console.log(new Date(\'2024-03-01\').toString())"\nThu Feb 29 2024 16:00:00 GMT-0800',
    cause: 'A plain date is parsed as midnight UTC and then printed in local time.',
    fix: 'Dates without a clock are kept as text now, and compared as text.',
  },
  {
    symptom: 'the build fails on main since noon',
    asked: 'no longer compile',
    guess: 'Nothing was merged at that hour; perhaps the registry.',
    output: '$ npm ci\nnpm error code EINTEGRITY\nnpm error sha512-… integrity checksum failed',
    cause: 'A mirror serves a package that was published again with other bytes.',
    fix: 'Pinned the version before it and pointed .npmrc at the first registry.',
  },
  {
    symptom: 'some rows come twice',
    asked: 'produce duplicates',
    guess: 'Looked at the retries of the client: they carry a key, and the key is right.',
    output: '$ grep -c "consumer rebalanced" app.log\n57',
    cause:
      'When the consumer group is rebalanced, the offset was not yet committed, so a batch is read once more.',
    fix: 'Writes go through an upsert on the event id, so a second delivery changes nothing.',
  },
  {
    symptom: 'letters with accents turn into question marks',
    asked: 'spoil foreign characters',
    guess: 'The font has these glyphs; that is not it.',
    output: '$ file -i sample.csv\nsample.csv: text/plain; charset=iso-8859-1',
    cause: 'The partner sends Latin-1 and the reader takes it for UTF-8.',
    fix: 'The reader asks for the charset in the header and falls back to Latin-1.',
  },
  {
    symptom: 'is slow since the last release',
    asked: 'lose its speed',
    guess: 'CPU is idle, so it waits for something.',
    output: '$ wrk -t2 -c50 -d30s http://localhost:8080\nRequests/sec: 83.12\nLatency p99 2.41s',
    cause: 'The new release asks the database once for each line, where it asked once for all.',
    fix: 'Loaded the lines by one query with an IN list, and added a test that counts queries.',
  },
  {
    symptom: 'customers see each other’s names',
    asked: 'leak data between accounts',
    guess: 'Cookies are fine: each has its own session.',
    output: '$ curl -sI https://edge.internal/me | grep -i cache\ncache-control: public, max-age=300',
    cause: 'A CDN keeps the personal page, since the header that forbids it was lost in a refactoring.',
    fix: 'Set private, no-store on everything behind the sign-in, and purged the CDN.',
  },
  {
    symptom: 'certificates are refused by old phones',
    asked: 'be rejected by outdated handsets',
    guess: 'The clock of the test device is right.',
    output: '$ openssl s_client -showcerts -connect edge.internal:443 </dev/null | grep -c BEGIN\n1',
    cause: 'The server sends the leaf alone, and old devices do not fetch the intermediate.',
    fix: 'Serve the full chain, and the monitor now fails when it has fewer than two.',
  },
  {
    symptom: 'totals are off by a cent',
    asked: 'miscalculate small amounts',
    guess: 'Exchange rates are the same on both sides.',
    output: '$ python -c "print(0.1 + 0.2)"\n0.30000000000000004',
    cause: 'Amounts are added as floating point and rounded at each step.',
    fix: 'Amounts are whole cents from end to end; rounding happens once, on display.',
  },
];
