export const shows = {} as const;
export type ShowKey = keyof typeof shows;
