/** Constants of the entropy value: the seed design's, and one reading of what its prose leaves open. */
export const ENTROPY = {
  /** A value above this escalates; with `entropy.action = "block"` it blocks, as the seed does. */
  tolerance: 4.0,
  lengthWeight: 0.1,
  randomnessWeight: 0.45,
  digitWeight: 0.45,
  /** Labels of this many characters or more count as long in full. */
  longLabelChars: 30,
  /** Labels longer than this are dampened in proportion, so that long CDN labels are not punished. */
  dampAboveChars: 16,
  /** Digits count only when the normalized entropy is at least this. */
  digitsFromRandomness: 0.7,
  /** The most symbols a label is expected to draw from: 26 letters and 10 digits. */
  alphabet: 36,
} as const;

/** Constants of the trust score: weights as the seed states them, and the shape of each signal. */
export const TRUST = {
  /** A score at or above this is trusted. */
  tolerance: 65,
  weights: { age: 0.25, entropy: 0.2, brand: 0.2, tld: 0.15, keywords: 0.1, subdomains: 0.05, length: 0.05 },
  /** A domain of this age or more is fully trusted for its age. */
  fullAgeDays: 5 * 365.25,
  /** A brand in another owner's name, by distance: one edit away, embedded, and two edits away. */
  brand: { oneEdit: 0, embedded: 0.2, twoEdits: 0.6 },
  /** A brand shorter than this is compared as a whole token only. */
  brandEmbeddedMinChars: 5,
  /** Two edits are counted only on brands of at least this length; shorter ones meet ordinary words. */
  brandTwoEditsMinChars: 8,
  tld: { restricted: 1, established: 0.8, open: 0.5, abused: 0.1 },
  /** Trust lost a suspicious word. */
  keywordCost: 0.35,
  /** Trust by number of labels left of the registrable domain; the last entry holds for all beyond. */
  subdomainTrust: [1, 0.9, 0.7, 0.4, 0.2, 0],
  /** Labels together up to the first count are fully trusted, from the second on not at all. */
  lengthFullChars: 15,
  lengthNoneChars: 50,
} as const;
