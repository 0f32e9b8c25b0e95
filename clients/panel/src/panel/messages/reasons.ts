/** Why a message did not arrive, in words. */
import { hasText } from "@setroom/shared/ui/i18n.ts";
import { t, type TextKey } from "./i18n.ts";

/** By the reason's code; a carrier's own code is said as it is. */
export function reasonText(reason: string): string {
  const key = `why.${reason}`;
  if (hasText(key)) return t(key as TextKey);
  return t("why.other", { code: reason.replace(/^(carrier|twilio|smtp)[_:-]/, "").replaceAll("_", " ") });
}
