/** Money as it is said to people. */
import { currentLanguage } from "@setroom/shared/ui/i18n.ts";

/** An amount in millionths of a currency, with as many digits as it takes to be more than nothing. */
export function money(micros: number, currency: string): string {
  const locale = navigator.languages.find((name) => name.startsWith(currentLanguage())) ?? currentLanguage();
  const amount = micros / 1_000_000;
  const fine = amount > 0 && amount < 1;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: fine ? 3 : 2 };
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(amount);
}
