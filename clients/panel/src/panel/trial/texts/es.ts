/** Spanish, what is tried without a carrier or a mail server. */
import type { TrialKey } from "./en.ts";

export const trial: Readonly<Record<TrialKey, string>> = {
  "outbox.none": "Aún no hay correos",
  "outbox.none_hint": "Este servidor no tiene servidor de correo, así que nada sale de él. Lo que habría enviado aparece aquí: crea una cuenta o envía por correo un mensaje a un concierto.",
  "outbox.choose": "Elige un correo para leerlo.",
  "outbox.to": "Para",
  "outbox.from": "De",
  "outbox.at": "Fecha",
  "outbox.half": "Qué mitad",
  "outbox.html": "Como página",
  "outbox.text": "Como texto",
  "outbox.paper": "El correo «{subject}»",
  "outbox.headers": "Cabeceras",
  "outbox.safe": "Ningún script corre en él y nada se descarga. Sus enlaces están debajo.",
  "outbox.links": "Enlaces que contiene",
};
