// The rows the screens show, field by field as `src/tenfour/desk/view.py` has them (a test compares the two).
// Times are ISO 8601 in UTC.

export interface Point {
  lat: number;
  lon: number;
}

export interface Spot {
  type: "point";
  at: Point;
}

export interface Circle {
  type: "circle";
  centre: Point;
  radius_m: number;
}

export interface Polygon {
  type: "polygon";
  corners: Point[];
}

export type Shape = Spot | Circle | Polygon;

export interface ClockView {
  name: string;
  label: string;
  started_at: string;
  due_at: string | null;
}

export interface FixView {
  at: string;
  fix_class: string;
  method: string;
  source: string;
  shape: Shape | null;
  uncertainty_m: number | null;
  confidence_pct: number | null;
  civic: string;
  in_use: boolean;
}

export interface DoorView {
  rank: number;
  address_id: string;
  label: string;
  point: Point;
  distance_m: number;
  likelihood: number;
  why: string;
  earlier_calls: number;
  ruled_out: boolean;
  synthetic: boolean;
}

export interface RecordingView {
  segment: number;
  started_at: string;
  duration_s: number | null;
  sha256: string | null;
  url: string;
}

export interface WaveformView {
  step_s: number;
  first: number;
  peaks: number[];
  settled: number;
  length_s: number;
  heard: number[];
}

export interface UtteranceView {
  number: number;
  party: string;
  medium: string;
  at: string;
  text: string;
  typed: string;
  whole: boolean;
  sent: boolean;
  problem: string;
}

export interface SpokenView {
  at: string;
  side: string;
  text: string;
  segment: number;
  from_s: number;
}

/** Written by a machine, unverified: it decides nothing. */
export interface TranscriptView {
  words: string;
  lines: SpokenView[];
}

/** A line that is not final may still change. */
export interface CaptionView {
  number: number;
  side: string;
  at: string;
  text: string;
  final: boolean;
}

/** Understood by a machine while it is said, unverified; `problem`: why there are none, or not all. */
export interface CaptionsView {
  words: string;
  problem: string;
  lines: CaptionView[];
  more: number;
}

export interface ConversationView {
  lines: UtteranceView[];
  answers_by: string;
  answers_by_words: string;
  as_typed: boolean;
  may_type: boolean;
  open: string[];
  languages: string[];
  more: number;
}

export interface CallView {
  seq: number;
  call_id: string;
  ani: string;
  state: string;
  state_words: string;
  handset: string;
  may_call_back: boolean;
  may_text: boolean;
  handset_words: string;
  received_at: string;
  answered_at: string | null;
  connected_at: string | null;
  ended_at: string | null;
  ended_words: string;
  position: string | null;
  person: string | null;
  sector: string;
  service: string;
  test: boolean;
  caller_hears: string;
  caller_audio: string;
  may_rebid: boolean;
  rebid_words: string;
  heard: string[];
  fixes: FixView[];
  recordings: RecordingView[];
  audio_gap_s: number;
  incident_id: string | null;
  incident_number: number | null;
  link_certain: boolean;
  link_words: string;
  clocks: ClockView[];
  line_away: boolean;
  admin_line: string;
  trunk: string;
  queued_words: string;
  waiting: WaitingView;
  outgoing: OutgoingView | null;
  transfer_words: string;
  conversation: ConversationView;
  transcript: TranscriptView | null;
  captions: CaptionsView | null;
  voice: VoiceView | null;
  conference: ConferenceView | null;
  interpreter: string;
}

export interface MemberView {
  position: string;
  person: string;
  role: string;
  role_words: string;
  muted: boolean;
}

export interface VoiceView {
  members: MemberView[];
  two_way: boolean;
  held: boolean;
  rings_back: boolean;
  rings_for_all: boolean;
  words: string;
}

export interface ThirdPartyView {
  call_id: string;
  name: string;
  kind_words: string;
  state: string;
  state_words: string;
  live: boolean;
  heard: boolean;
  since: string;
}

export interface ListedView {
  name: string;
  kind: string;
  kind_words: string;
  key: string;
  languages: string[];
}

export interface ConferenceView {
  parties: ThirdPartyView[];
  handed_over_to: string;
  words: string;
}

export interface PartyView {
  name: string;
  words: string;
}

export interface RungView {
  kind: string;
  at: string;
  after_s: number;
  sender: number;
  receiver: number;
  label: string;
  cseq: string;
  carries: string;
  again: boolean;
  words: string;
  raw: string;
}

export interface SignallingView {
  call_id: string;
  sip_call_id: string;
  began_at: string | null;
  parties: PartyView[];
  rungs: RungView[];
  words: string;
}

export interface AdviceView {
  kind: string;
  kind_label: string;
  priority: number;
  rule: string;
  reason: string;
  next_step: string;
}

export interface StepView {
  state: string;
  label: string;
  words: string;
  at: string | null;
}

export interface PassedOverView {
  unit: string;
  letter: string;
  reason: string;
  travel_time_s: number | null;
}

export interface RecommendedUnitView {
  unit: string;
  letter: string;
  crew: string;
  reason: string;
  travel_time_s: number;
  distance_m: number | null;
  via: string[];
}

export interface RecommendationView {
  recommendation_id: string;
  at: string;
  plan: string;
  words: string;
  units: RecommendedUnitView[];
  passed_over: PassedOverView[];
  stale: boolean;
}

export interface NarrativeView {
  seq: number;
  at: string;
  by: string;
  text: string;
  machine: boolean;
  said: boolean;
  about: string;
}

export interface ChecklistItemView {
  item: string;
  label: string;
  done: boolean;
  at: string | null;
  hint: string;
}

export interface ProposalView {
  words: string;
  dispositions: [string, string][];
  cause: string;
  cause_label: string;
  may_close: boolean;
  why: string;
  will_be_written: string;
}

export interface CustodyView {
  at: string;
  by: string;
  words: string;
}

export interface ExhibitView {
  exhibit_id: string;
  number: number;
  kind: string;
  title: string;
  file_name: string;
  size: number | null;
  sha256: string;
  owner: string;
  consent: string;
  scope: string;
  from_at: string | null;
  to_at: string | null;
  child: boolean;
  access: string;
  added_at: string;
  added_by: string;
  custody: CustodyView[];
  state: string;
  state_words: string;
  url: string;
  flac_sha256: string;
  flac_size: number | null;
}

export interface UploadView {
  location: string;
  offset: number;
  length: number;
  expires_at: string;
}

export interface PressSentenceView {
  text: string;
  rests_on: number[];
}

export interface PressFactView {
  seq: number;
  at: string;
  words: string;
}

export interface PressView {
  incident_id: string;
  version: number;
  at: string | null;
  by: string;
  edited: boolean;
  sentences: PressSentenceView[];
  facts: PressFactView[];
  words: string;
}

export interface VisitView {
  visit_id: string;
  incident_id: string;
  incident_number: number;
  who: string;
  due_at: string;
  words: string;
  state: string;
  state_words: string;
  promised_at: string;
  promised_by: string;
  done_at: string | null;
}

export interface IncidentView {
  seq: number;
  incident_id: string;
  number: number;
  status: string;
  status_words: string;
  kind: string | null;
  kind_label: string;
  priority: number | null;
  place: string;
  place_words: string;
  place_point: Point | null;
  place_verified: boolean;
  place_synthetic: boolean;
  between: string;
  read_back_at: string | null;
  beat: string;
  opened_at: string;
  closed_at: string | null;
  call_ids: string[];
  units: string[];
  advice: AdviceView | null;
  steps: StepView[];
  doors: DoorView[];
  recommendation: RecommendationView | null;
  narrative: NarrativeView[];
  checklist: ChecklistItemView[];
  clocks: ClockView[];
  dispositions: [string, string][];
  cause: string;
  closing_words: string;
  exhibits: ExhibitView[];
  press_version: number;
  visits: VisitView[];
  overdue: boolean;
}

export interface UnitView {
  seq: number;
  unit_id: string;
  agency: string;
  service: string;
  beat: string;
  crew: string[];
  status: string;
  status_words: string;
  letter: string;
  since: string;
  incident_id: string | null;
  incident_number: number | null;
  point: Point | null;
  point_at: string | null;
  near: string;
  clocks: ClockView[];
  may_become: string[];
  overdue: boolean;
  emergency: boolean;
  emergency_since: string | null;
}

export interface PositionView {
  seq: number;
  position_id: string;
  auto_answer: boolean;
  person: string | null;
  state: string;
  state_words: string;
  reason: string;
  since: string | null;
  until: string | null;
  skills: string[];
  headset: string;
  headset_words: string;
}

export interface OutgoingView {
  callback_of: string | null;
  words: string;
  in_call: string | null;
  tone: string;
}

export interface WaitingView {
  queue: string;
  offered_to: string | null;
  words: string;
  turn: string;
}

export interface LineView {
  connected: boolean;
  since: string | null;
  sip: string;
  words: string;
}

export interface Board {
  seq: number;
  now: string;
  clock_speed: number;
  calls: CallView[];
  incidents: IncidentView[];
  units: UnitView[];
  positions: PositionView[];
  line: LineView;
  record_away_since: string | null;
}

export interface Frame {
  seq: number;
  now: string;
  clock_speed: number;
  calls: CallView[];
  incidents: IncidentView[];
  units: UnitView[];
  positions: PositionView[];
  line: LineView | null;
  record_away_since: string | null;
  calls_gone: string[];
  incidents_gone: string[];
}

export interface PartView {
  start: number;
  end: number;
  kind: string;
  words: string;
}

export interface EchoView {
  kind: string;
  name: string;
  words: string;
  letter: string;
}

export interface CompletionView {
  start: number;
  end: number;
  text: string;
  words: string;
  letter: string;
}

export interface ReadingView {
  text: string;
  state: string;
  parts: PartView[];
  echo: EchoView[];
  sentence: string;
  problem: string;
  missing: string[];
  not_understood: string[];
  consequence: string;
  said: string[];
  completions: CompletionView[];
  expects: string;
  canonical: string;
}

export interface VerbView {
  spellings: string[];
  pattern: string;
  help: string;
  example: string;
}

export interface LineDoneView {
  act: string;
  words: string;
  undo: string;
  undo_words: string;
  incidents: IncidentView[];
  units: UnitView[];
  history: NarrativeView[];
  verbs: VerbView[];
  select_incident: string | null;
  select_unit: string | null;
}
