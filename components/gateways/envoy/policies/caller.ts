/** Header in which the filters tell each other who calls; it comes from no client and goes to no service. */
export const CALLER_HEADER = "x-flotilla-caller";
