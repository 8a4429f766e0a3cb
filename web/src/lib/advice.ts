// What the policy advises, and whether it was followed.
import type { IncidentView } from "./types";

/** Kind and priority are as advised. */
export const isFollowed = ({ kind, priority, advice }: IncidentView): boolean =>
  advice !== null && kind === advice.kind && priority === advice.priority;
