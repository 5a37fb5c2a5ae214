/**
 * An amount as whole cents, in which sums are exact; undefined when it has a fraction of a cent.
 *
 * @example toCents(19.99); // 1999
 */
export function toCents(amount: number): number | undefined {
  const cents = Math.round(amount * 100);
  return cents / 100 === amount ? cents : undefined;
}

/**
 * Whole cents as the amount that is shown.
 *
 * @example fromCents(1999); // 19.99
 */
export function fromCents(cents: number): number {
  return cents / 100;
}
