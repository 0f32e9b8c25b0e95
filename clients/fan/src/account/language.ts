/** The language of the pages, as somebody chose it: a cookie that the server reads. */

const COOKIE = "setroom_language";
const LASTS_S = 400 * 24 * 3600; // the longest that browsers keep one (RFC 6265bis §5.5)

/** Has the server write pages in this language; `null`: in the browser's. */
export function keepLanguage(language: string | null): void {
  const lasts_s = language === null ? 0 : LASTS_S;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${language ?? ""}; Path=/; Max-Age=${String(lasts_s)}; SameSite=Lax${secure}`;
}

/** Whether the page is in another language than was chosen. */
export function isElsewhere(language: string | null): boolean {
  return language !== null && !document.documentElement.lang.startsWith(language);
}
