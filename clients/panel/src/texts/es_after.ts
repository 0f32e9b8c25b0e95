export const after = {} as const;
export type AfterKey = keyof typeof after;
