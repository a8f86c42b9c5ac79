/** Time limits of the watchdog, its function and its queue. */

/** A stopped task may still hold a lease of 60 s. The watchdog waits for its report until the lease has expired. */
export const waitSeconds = 75;
/** Pause between two reads of the ledger. */
export const lookEverySeconds = 5;

/** Attempts at one call of AWS. Five attempts of at most 10 s, with pauses, end before the e-mail's claim expires. */
export const attempts = 5;
/** A claim whose e-mail was not sent expires after this; Lambda's second retry comes later and can claim it. */
export const claimSeconds = 120;

/** Timeout of the function. The visibility timeout of a queue that invokes it must not be shorter. */
export const functionTimeoutSeconds = 240;

/** A task that runs this much longer than its time limit and stop timeout is reported. */
export const marginSeconds = 900;
