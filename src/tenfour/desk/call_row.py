"""A call as a row: everything the desk shows of it."""

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.call_words import STATE_WORDS, caller_hears, end_words
from tenfour.calltaking.outgoing import BUSY, Outgoing
from tenfour.calltaking.third_party import interpreter_for
from tenfour.desk.captions_view import captions_view
from tenfour.desk.clock_row import call_clocks
from tenfour.desk.conference_row import conference_row, transfer_through_us
from tenfour.desk.conversation_view import conversation_view
from tenfour.desk.outgoing_view import OutgoingView
from tenfour.desk.position_row import waiting_row
from tenfour.desk.scene import Scene
from tenfour.desk.transcript_view import transcript_view
from tenfour.desk.view import CallView, FixView, RecordingView
from tenfour.desk.voice_row import voice_row
from tenfour.location.event import FixClass
from tenfour.location.fix import CallerLocation, Fix, in_use


def call_row(call: Call, scene: Scene) -> CallView:
    """The row of one call."""
    location = scene.world.locations.get(call.call_id)
    incident = scene.world.incidents.get(call.incident_id) if call.incident_id else None
    may_rebid, rebid_words = _rebid(call)
    return CallView(
        seq=scene.seq,
        call_id=call.call_id,
        ani=call.ani,
        state=call.state.value,
        state_words=_state_words(call),
        handset=call.handset.value if call.handset else "",
        may_call_back=call.may_call_back,
        may_text=call.may_text,
        handset_words=call.handset_words,
        received_at=call.received_at,
        answered_at=call.answered_at,
        connected_at=call.connected_at,
        ended_at=call.ended_at,
        ended_words=end_words(call),
        position=call.position,
        person=scene.person(call.person) if call.person else None,
        sector=_sector(location),
        service=call.service,
        test=call.test,
        caller_hears=caller_hears(call),
        caller_audio=_caller_audio(call, scene),
        may_rebid=may_rebid,
        rebid_words=rebid_words,
        heard=call.heard,
        fixes=fix_rows(location),
        recordings=_recordings(call),
        audio_gap_s=round(call.audio_gap_s, 1),
        incident_id=call.incident_id,
        incident_number=incident.number if incident else None,
        link_certain=call.link_certain,
        link_words=call.link_words,
        clocks=call_clocks(call, scene.policy),
        admin_line=call.admin_line,
        line_away=call.in_progress and not scene.line_connected,
        trunk=call.trunk,
        waiting=waiting_row(call),
        outgoing=_outgoing(call, scene),
        transfer_words=_transfer_words(call),
        voice=voice_row(call, scene),
        conference=conference_row(call, scene),
        interpreter=_interpreter(call, scene),
        queued_words=call.queued_why if call.in_progress and call.connected_at is None else "",
        conversation=conversation_view(call),
        transcript=transcript_view(call),
        captions=captions_view(call, scene.captions(call.call_id)),
    )


def fix_rows(location: CallerLocation | None) -> tuple[FixView, ...]:
    """Every fix, oldest first; the one in use is marked, none disappears."""
    used = in_use(location)
    return tuple(_fix_row(fix, fix is used) for fix in (location.fixes if location else ()))


def _fix_row(fix: Fix, used: bool) -> FixView:
    return FixView(
        at=fix.at,
        fix_class=fix.fix_class.value,
        method=fix.method,
        source=fix.source,
        shape=fix.shape,
        uncertainty_m=fix.uncertainty_m,
        confidence_pct=fix.confidence_pct,
        civic=fix.civic.line() if fix.civic else "",
        in_use=used,
    )


def _state_words(call: Call) -> str:
    rings = call.state is CallState.DIALLING and call.outgoing is not None and call.outgoing.ringing_at is not None
    return "Ringing there" if rings else STATE_WORDS[call.state]


def _transfer_words(call: Call) -> str:
    passed = call.transfer
    if (through_us := transfer_through_us(call)) is not None:
        return through_us
    if passed is None:
        return ""
    if passed.done_at is not None:
        return f"passed on to {passed.name}"
    if passed.failed_why:
        return f"not passed on to {passed.name}: {passed.failed_why}"
    return f"being passed on to {passed.name}" + (", which is called now" if passed.accepted_at else "")


def _outgoing(call: Call, scene: Scene) -> OutgoingView | None:
    placed = call.outgoing
    if placed is None:
        return None
    sent = f"sent to {placed.sent_to}" if placed.sent_to else "not sent yet"
    rings = f", rings since {scene.time(placed.ringing_at)}" if placed.ringing_at else ""
    return OutgoingView(placed.callback_of, f"{sent}{rings}", placed.in_call, _tone(call.state, placed))


def _interpreter(call: Call, scene: Scene) -> str:
    found = interpreter_for(call.languages, scene.outside.values()) if call.in_progress and call.languages else None
    return found.name if found is not None else ""


def _tone(state: CallState, placed: Outgoing) -> str:
    if state is CallState.DIALLING:
        return "ringing" if placed.ringing_at else ""
    if state is not CallState.NOT_TAKEN:
        return ""
    return "busy" if placed.refused in BUSY else "refused"


def _sector(location: CallerLocation | None) -> str:
    towers = [fix for fix in (location.fixes if location else ()) if fix.fix_class is FixClass.PHASE_I]
    civic = next((fix.civic for fix in reversed(towers) if fix.civic), None)
    if civic is None:
        return "Tower sector" if towers else ""
    return civic.landmark or civic.line()


def _caller_audio(call: Call, scene: Scene) -> str:
    if call.silent_since is not None:
        return f"silent since {scene.time(call.silent_since)}"
    return "none yet" if call.audio_since is None else "heard"


def _rebid(call: Call) -> tuple[bool, str]:
    """May the location be asked for again, and what to say about it."""
    if not call.in_progress:
        return False, "Ask again: line down"
    if not call.location_uri.startswith(("http://", "https://")):
        return False, "No location server came with this call"
    if call.rebid_words:
        return True, call.rebid_words
    return True, "Asked again" if call.rebid_at else "Ask again"


def _recordings(call: Call) -> tuple[RecordingView, ...]:
    return tuple(
        RecordingView(
            segment=recording.segment,
            started_at=recording.started_at,
            duration_s=recording.duration_s,
            sha256=recording.sha256,
            url=f"/api/calls/{call.call_id}/recordings/{recording.segment}.wav",
        )
        for recording in call.recordings
    )
