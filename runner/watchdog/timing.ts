/** How long the watchdog waits, and what its function and queue need for that. */

/** A task that stopped may still hold the lease of 60 s: its report is waited for until that has run out. */
export const waitSeconds = 75;
export const lookEverySeconds = 5;

/** Attempts at one call. An e-mail is given up, with five of at most 10 s and pauses, before its claim runs out. */
export const attempts = 5;
/** After this a claim whose e-mail was not sent is somebody else's to take; the service's second retry comes after it. */
export const claimSeconds = 120;

/** Timeout of the function; a queue that wakes it must hide its messages for at least as long. */
export const functionTimeoutSeconds = 240;

/** A task that outlives its longest life and the time it has to stop by this much is no longer ended by itself. */
export const marginSeconds = 900;
