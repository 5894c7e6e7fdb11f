import { defineConfig } from '@playwright/test';

/** Each spec starts the servers it needs from the binary in PORTREEVE_BIN; see fixtures/server.ts. */
export default defineConfig({
  testDir: './tests',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: false,
  workers: 1,
  forbidOnly: !!process.env.CI,
  // A loaded machine may cost a test its time-out, and now and then a page whose piece comes late does not come alive
  // (docs/performance.md); the list then says that the test was flaky.
  retries: 2,
  reporter: 'list',
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      // Chromium's sandbox wants a user of its own; as root, in a container, it refuses to start with it.
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
