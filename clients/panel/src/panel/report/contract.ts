/** Names for parts of a show's figures. */

/** A number that may be withheld, because too few people are behind it. */
export type Figure = number | null;
