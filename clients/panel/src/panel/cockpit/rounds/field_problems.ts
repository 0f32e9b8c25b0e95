/** What the server finds wrong with a round, beside the field that it is about. */
import type { FieldProblem } from "@setroom/shared";
import { hasText, translate } from "@setroom/shared/ui/i18n.ts";

export interface FieldProblems {
  /** By the field's path in the configuration; an option's by `options[n]`, n in the form. */
  of: Readonly<Record<string, string>>;
  /** What belongs to no field that the form shows. */
  others: readonly string[];
}

const SHOWN =
  /^(title|type|options|visibility|quorum|reason|pick\.(min|max|budget)|tally\.method|tally\.weights|window\.(duration_s|sms_grace_s|extend_max_s)|tie|who\.(channels|identity|attendance))$/;

/**
 * Sorts what is wrong by the form's fields.
 *
 * @param given Which options of the form were sent, by their place in it.
 */
export function fieldProblems(errors: readonly FieldProblem[], given: readonly number[]): FieldProblems {
  const of: Record<string, string> = {};
  const others: string[] = [];
  for (const { field, code, detail } of errors) {
    const key = `problem.${code}`;
    const text = hasText(key) ? translate(key) : detail;
    const name = placeOf(field.replace(/^(data\.|config\.)+/, ""), given);
    if (name === null) others.push(text);
    else of[name] ??= text;
  }
  return { of, others };
}

function placeOf(field: string, given: readonly number[]): string | null {
  const option = /^options\[(\d+)\]/.exec(field);
  if (option) {
    const at = given[Number(option[1])];
    return at === undefined ? "options" : `options[${String(at)}]`;
  }
  const name = field.replace(/^tie\[\d+\]$/, "tie").replace(/^tally\.weights\..*/, "tally.weights");
  const plain = name.replace(/^who\.channels\[\d+\]$/, "who.channels");
  return SHOWN.test(plain) ? plain : null;
}
