// Words and letters of unit statuses, for buttons; a row's own words come from the centre.

export const STATUS_WORDS: Record<string, string> = {
  Available: "Available",
  ConditionallyAvailable: "Available if needed",
  NotAvailable: "Not available",
  Assigned: "Assigned",
  Dispatched: "Dispatched",
  AcknowledgedTransmission: "Acknowledged",
  EnRoute: "En route",
  Delayed: "Delayed",
  Staging: "Staging",
  OnScene: "On scene",
  Backup: "Backing up",
  COP_or_POP: "Community contact",
  Cleared: "Cleared",
  AssignmentCancelled: "Assignment cancelled",
  InService: "In service",
  OutofService: "Out of service",
};

export const statusWords = (status: string): string => STATUS_WORDS[status] ?? status;

export interface FieldStep {
  status: string;
  letter: string;
  short: string;
  /** What the header says while this is the present step. */
  state: string;
  /** What the large button says when this is next. */
  action: string;
}

/** The five steps of a unit, in the order of a call. The last one is closing. */
export const FIELD_STEPS: FieldStep[] = [
  { status: "AcknowledgedTransmission", letter: "D", short: "Ack", state: "Acknowledged", action: "Acknowledge" },
  { status: "EnRoute", letter: "E", short: "En route", state: "En route", action: "En route" },
  { status: "OnScene", letter: "S", short: "On scene", state: "On scene", action: "On scene" },
  { status: "COP_or_POP", letter: "C", short: "Contact", state: "Contact", action: "Contact" },
  { status: "Cleared", letter: "A", short: "Close", state: "Cleared", action: "Close" },
];

/** Words beside the priority's number. */
export const PRIORITY_WORDS: Record<number, string> = {
  1: "Immediate",
  2: "Urgent",
  3: "Routine",
  4: "Deferred",
  5: "Report",
};
