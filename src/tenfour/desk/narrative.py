"""One line of the story for each fact that people want to read: who, and what happened, in words."""

from collections.abc import Callable

from tenfour.calltaking import distribution_event as q
from tenfour.calltaking import event as c
from tenfour.calltaking import outgoing_event as out
from tenfour.calltaking import text_event as t
from tenfour.calltaking import transfer_event as pass_on
from tenfour.calltaking.comment import is_comment, words_of
from tenfour.calltaking.recording_event import RecordingAnnounced
from tenfour.desk.conference_narrative import of_conference
from tenfour.desk.conversation_view import MEDIUM_WORDS, languages_words
from tenfour.desk.view import NarrativeView
from tenfour.desk.voice_narrative import of_voice
from tenfour.desk.words import exactness
from tenfour.dispatch import event as d
from tenfour.evidence import event as ev
from tenfour.incident import event as i
from tenfour.location import event as p
from tenfour.outreach import event as o
from tenfour.release import event as r
from tenfour.units import event as u
from tenfour.units.status import WORDS
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Recorded
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.world import World

SAID = (i.NarrativeAdded, c.HeardOnCall, d.HelpAsked)
"""Facts in a person's own words."""

NameOf = Callable[[str], str]
LabelOf = Callable[[str, str], str]
"""Label of a code: `("kind", "911H")`; kinds are `kind`, `disposition`, `cause`, `heard`, `item`."""


def tell(record: Recorded, world: World, name_of: NameOf, label_of: LabelOf) -> NarrativeView | None:
    """The line of one fact; None for facts that say nothing to a reader."""
    if record.event is None:
        text: str | None = f"A fact ({record.header.type}) whose words were erased by order."
    else:
        subject = record.header.stream.partition("/")[2]
        own = not _is_of_third(subject, world)
        text = (
            (_of_wire(record.event) if own else None)
            or _of_waiting(record.event)
            or _of_text(record.event)
            or (_of_outgoing(record.event) or _of_end(record.event) if own else None)
            or _of_call(record.event, label_of)
            or of_voice(record.event)
            or of_conference(record.event, lambda third: _third(world, subject, third))
            or _of_incident(record.event, label_of, world)
            or _of_sending(record.event)
            or _of_unit(subject, record.event)
            or _of_casework(subject, record.event)
        )
    if not text:
        return None
    actor = record.header.actor
    machine = actor.kind is not ActorKind.PERSON
    said, about = isinstance(record.event, SAID), _about(record.event)
    return NarrativeView(record.seq, record.at, by(actor, name_of), text, machine, said, about)


def _is_of_third(subject: str, world: World) -> bool:
    """What happens to a third party's own call is told in the call that it is in."""
    call = world.calls.get(CallId(subject))
    return call is not None and call.outgoing is not None and call.outgoing.in_call is not None and not call.position


def _third(world: World, call_id: str, third: CallId) -> str:
    call = world.calls.get(CallId(call_id))
    party = call.conference.party(third) if call is not None else None
    return party.name if party is not None else "the third party"


def _about(event: Event | None) -> str:
    """What of the incident a fact sets."""
    match event:
        case i.KindSet():
            return "kind"
        case i.PrioritySet():
            return "priority"
        case i.PlaceSet():
            return "place"
        case _:
            return ""


def by(actor: Actor, name_of: NameOf) -> str:
    """Who, as it stands in the narrative: a person's name, `Line`, or `Rule`."""
    match actor.kind:
        case ActorKind.PERSON:
            return name_of(actor.id)
        case ActorKind.DEVICE:
            return "Line"
        case ActorKind.RULE:
            return "Rule"


def _of_wire(event: Event) -> str | None:
    match event:
        case c.CallReceived(ani=ani):
            return f"Call from {ani}"
        case c.CallConnected(by_policy=True):
            return "Connected by policy: nobody had answered yet"
        case c.AnnouncementStarted(name=name, why=why):
            return f"Caller hears “{name}”: {why}"
        case c.KeypressReceived(digit=digit):
            return f"The caller pressed {digit}"
        case c.RingOverdue(waited_s=waited_s):
            return f"Rings for {waited_s:.0f} s and nobody answers; supervisor told"
        case c.LocationReferenced():
            return "A location server was named; it can be asked"
        case c.BodyPartKept(content_type=content_type, content=block) if is_comment(content_type):
            return f"Told along: {words_of(block)}" if words_of(block) else None
        case _:
            return _of_audio(event)


def _of_audio(event: Event) -> str | None:
    match event:
        case RecordingAnnounced(words=words):
            return f"The other side heard that the call is recorded: “{words}”"
        case c.CallerAudioStopped(silent_for_s=silent_for_s):
            return f"No sound from the caller for {silent_for_s:.0f} s; the line is kept"
        case c.CallerAudioResumed(silent_for_s=silent_for_s):
            return f"Sound from the caller again after {silent_for_s:.0f} s"
        case c.CallPickedUpAgain(gap_s=gap_s):
            return f"The line process took this call up again; {gap_s:.1f} s of audio are missing"
        case c.AudioInterrupted(why=why):
            return f"Nobody hears the caller: {why} The call is up, and it is tried again"
        case c.AudioPickedUpAgain(gap_s=gap_s, why=why):
            return f"The audio goes on; the caller heard nothing for {gap_s:.1f} s. {why}"
        case _:
            return None


def _of_waiting(event: Event) -> str | None:
    match event:
        case q.CallPutInQueue(queue=queue, why=why):
            return f"In queue {queue}: {why}"
        case q.CallOffered(position=position, why=why):
            return f"Offered to position {position}: {why}"
        case q.OfferPassed(position=position, why=why):
            return f"No longer offered to position {position}: {why}"
        case q.CallRingsEverywhere(why=why):
            return f"Rings everywhere: {why}"
        case _:
            return None


def _of_text(event: Event) -> str | None:
    match event:
        case t.UtteranceEnded(party=party, medium=medium, text=text):
            who = "Caller" if party is t.Party.CALLER else "Centre"
            return f"{who} by {MEDIUM_WORDS[medium]}: {text}"
        case t.TextOpened(medium=medium):
            return f"Text goes by {MEDIUM_WORDS[medium]}"
        case t.TextClosed(medium=medium, why=why):
            return f"Text goes by {MEDIUM_WORDS[medium]} no more: {why}"
        case t.TextNotSent(why=why):
            return f"Text did not reach the caller: {why}"
        case t.LanguagesOffered():
            return languages_words(event)
        case _:
            return None


def _of_outgoing(event: Event) -> str | None:
    match event:
        case out.CallPlaced(number=number, position=position, callback_of=of):
            return f"{'Calling back' if of else 'Calling'} {number} from position {position}"
        case pass_on.TransferOrdered(name=name, position=position):
            return f"Passed on to {name} from position {position}"
        case pass_on.TransferAccepted():
            return "The caller’s side calls the other centre"
        case pass_on.CallTransferred():
            return "The other centre has the call"
        case pass_on.TransferFailed(why=why):
            return f"Not passed on: {why}"
        case out.CalleeRinging():
            return "It rings there"
        case out.CallNotTaken(why=why):
            return f"Not taken: {why}"
        case _:
            return None


def _of_end(event: Event) -> str | None:
    match event:
        case c.CallAbandoned():
            return "The caller left before anyone answered"
        case c.CallerDisconnected(reason=reason):
            return f"Ended by the caller’s side{f' ({reason})' if reason else ''}"
        case c.CallReleased():
            return "Released by the centre"
        case c.CallFailed(why=why):
            return f"The call failed: {why}"
        case _:
            return None


def _of_call(event: Event, label_of: LabelOf) -> str | None:
    match event:
        case c.HandsetRecognised(reason=reason):
            return reason
        case c.CallAnswered(position=position, by_itself=by_itself):
            return f"Answered at position {position}{', by itself' if by_itself else ''}"
        case c.HeardOnCall(heard=heard, text=text):
            return "Heard: " + ", ".join([*(label_of("heard", code) for code in heard), *([text] if text else [])])
        case c.CallbackRefused(means=means, reason=reason):
            return f"{'Text' if means == 'text' else 'Call back'} refused: {reason}"
        case c.LocationAskedAgain():
            return "Asked the location server again"
        case c.LocationNotGiven(why=why):
            return f"No better location: {why}"
        case c.CallReleaseOrdered(position=position):
            return f"Release ordered at position {position}"
        case c.KindAdvised(kind=kind, reason=reason, rule=rule):
            return f"Advised {label_of('kind', kind)}: {reason} (rule {rule})"
        case c.CallJoinedIncident(certain=certain, why=why):
            return f"{'Joined' if certain else 'Possibly joined'}: {why}"
        case p.FixRecorded(fix_class=fix_class, uncertainty_m=uncertainty_m, source=source):
            return f"Fix: {fix_class.value}, {exactness(uncertainty_m)}, {source}"
        case p.LocationUnreadable(problem=problem):
            return f"A location could not be read: {problem}"
        case _:
            return None


def _of_incident(event: Event, label_of: LabelOf, world: World) -> str | None:
    match event:
        case i.IncidentOpened(number=number, why=why):
            return f"Incident {number} opened{f': {why}' if why else ''}"
        case i.CallLinked(call_id=call_id, certain=certain, why=why):
            call = world.calls.get(call_id)
            whose = f"Call from {call.ani}" if call else "A call"
            return f"{whose} {'linked' if certain else 'possibly linked'}: {why}"
        case i.KindSet(kind=kind, rule=rule):
            return f"Kind {kind}, {label_of('kind', kind)}{f', as rule {rule} advised' if rule else ''}"
        case i.PrioritySet(priority=priority, reason=reason):
            return f"Priority {priority}{f': {reason}' if reason else ''}"
        case i.PlaceSet(place=place, door_rank=rank, reason=reason):
            door = f", door {rank}" if rank else ""
            return f"Place {place.label}{door}{f': {reason}' if reason else ''}"
        case i.PlaceVerified(by=by_whom):
            return f"Place verified by {by_whom}"
        case i.PlaceReadBack(label=label):
            return f"Address read back: {label}"
        case i.DoorRuledOut(label=label, reason=reason):
            return f"Not {label}: {reason}"
        case _:
            return _of_scene(event, label_of)


def _of_scene(event: Event, label_of: LabelOf) -> str | None:
    match event:
        case i.NarrativeAdded(text=text):
            return text
        case i.ChecklistMarked(item=item, done=done):
            return f"{label_of('item', item)}: {'yes' if done else 'taken back'}"
        case i.IncidentClosed(words=words, dispositions=codes):
            return f"Closed: “{words}” ({', '.join(label_of('disposition', code) for code in codes)})"
        case i.IncidentReopened(reason=reason):
            return f"Opened again: {reason}"
        case _:
            return None


def _of_sending(event: Event) -> str | None:
    match event:
        case d.RecommendationMade(units=units, words=words, plan=plan):
            named = ", ".join(unit.unit for unit in units)
            return f"Recommended {named} (plan {plan})" if named else f"No unit to recommend: {words}"
        case d.UnitsDispatched(units=units, override_reason=reason):
            return f"Sent {', '.join(units)}{f', not as recommended: {reason}' if reason else ''}"
        case d.IncidentHeld(reason=reason):
            return f"Held: {reason}"
        case d.AreaCheckOrdered(area=area):
            return f"Area check: {area}"
        case d.SupervisorAlerted(why=why):
            return f"Supervisor told: {why}"
        case d.HelpAsked(unit=unit, text=text):
            return f"{unit} asks for a second unit{f': {text}' if text else ''}"
        case _:
            return None


def _of_unit(unit: str, event: Event) -> str | None:
    match event:
        case u.UnitStatusChanged(status=status, reason=reason):
            return f"{unit} {WORDS[status].lower()}{f': {reason}' if reason else ''}"
        case u.AcknowledgementOverdue(waited_s=waited_s):
            return f"{unit} has not acknowledged for {waited_s:.0f} s; alerted again"
        case u.SafetyCheckDue(waited_s=waited_s):
            return f"Check on {unit}: nothing heard for {waited_s:.0f} s"
        case u.SafetyChecked(words=words):
            return f"{unit} is all right{f': {words}' if words else ''}"
        case u.EmergencyRaised():
            return f"{unit} pressed its emergency button"
        case u.EmergencyCleared(words=words):
            return f"Emergency of {unit} over{f': {words}' if words else ''}"
        case _:
            return None


def _of_casework(subject: str, event: Event) -> str | None:
    number = subject.rpartition("-")[2]
    match event:
        case ev.ExhibitAdded(number=added, kind=kind, title=title, sha256=sha256):
            return f"Exhibit {added}, {kind.value}: {title} (SHA-256 {sha256[:12]}…)"
        case ev.CustodyNoted(words=words):
            return f"Exhibit {number}: {words}"
        case ev.ExhibitVerified():
            return f"Exhibit {number} is what was taken in: hashed again, the same"
        case ev.ExhibitDamaged(found=found):
            return (
                f"Exhibit {number} is NOT what was taken in: {'another SHA-256' if found else 'its file is not there'}"
            )
        case ev.ExhibitCompressed(sha256=sha256):
            return f"Exhibit {number} is kept as FLAC (SHA-256 {sha256[:12]}…), which gives back what was taken in"
        case r.PressDrafted(version=version):
            return f"Press text drafted from facts, version {version}"
        case r.PressEdited(version=version):
            return f"Press text edited, version {version}"
        case o.VisitPromised(who=who, words=words):
            return f"{who} promised to come again: {words}"
        case o.VisitMoved(reason=reason):
            return f"The promised visit was moved: {reason}"
        case o.VisitDone(words=words):
            return f"The promised visit was made{f': {words}' if words else ''}"
        case o.VisitFellDue():
            return "The promised visit is due, and nobody has said that it was made"
        case _:
            return None
