/** Why something cannot be sent, in words. */
import { hasText } from "@setroom/shared/ui/i18n.ts";
import { t, type TextKey } from "./i18n.ts";

/** By the problem's code, or in the server's words. */
export function problemText(code: string, detail: string): string {
  const key = `problem.${code}`;
  return hasText(key) ? t(key as TextKey) : detail || t("problem.other");
}
