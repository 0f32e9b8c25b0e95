/** Spanish, what the design system's components say themselves. */
import type { PartKey } from "./en_parts.ts";

export const parts: Readonly<Record<PartKey, string>> = {
  "part.busy": "Un momento…",
  "part.optional": "opcional",
  "part.characters_left_one": "Queda 1 carácter",
  "part.characters_left": "Quedan {count} caracteres",
  "part.characters_over_one": "Sobra 1 carácter",
  "part.characters_over": "Sobran {count} caracteres",
  "part.more_actions": "Más",
  "part.copy": "Copiar",
  "part.copied": "Copiado",
  "part.not_copied": "Aquí no se puede copiar. El texto está seleccionado: cópialo a mano.",
  "part.percent": "{percent} %",
  "part.votes_one": "1 voto",
  "part.votes": "{count} votos",
  "part.points_one": "1 punto",
  "part.points": "{count} puntos",
  "part.own_choice": "tu elección",
  "part.winner": "gana",
  "part.plot_table": "Como tabla",
  "part.plot_time": "Hora",
  "part.plot_empty": "Aún no hay nada que mostrar.",
  "part.plot_marks": "Momentos",
  "part.loading": "Cargando…",
  "part.qr_missing": "No se pudo cargar el código QR.",
};
