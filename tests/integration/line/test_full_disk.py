"""The recordings' disk is full when a call begins: nothing piles up, and it is recorded as soon as there is room."""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path

from tenfour.calltaking.event import CallConnected, CallReceived, RecordingEnded, RecordingStarted

CHILD = Path(__file__).with_name("full_disk_child.py")
TRIED_FOR_S = 3.0


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_full_file_system_leaves_no_file_and_no_descriptor_and_is_recorded_on_when_it_has_room(tmp_path: Path) -> None:
    """A file system of its own, in a mount namespace of its own, for whoever may mount; else a limit on files."""
    child = [sys.executable, str(CHILD), str(tmp_path)]
    mounted = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=128k tenfour "$3" && exec "$@"', "sh"]
    may_mount = not subprocess.run([*mounted, "true", "", str(tmp_path)], capture_output=True, check=False).returncode
    command = [*mounted, *child] if may_mount else child
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["files_while_full"] == []
    assert told["descriptors_more"] == 0
    assert told["failures"] >= 3
    assert told["started"] == [["call0123456789-1.wav", 1]]
    assert told["files"] == ["call0123456789-1.wav"]
    assert abs(told["duration_s"] - told["sent_s"]) < 0.5, "what is heard later stands where it was said"


async def test_worker_whose_disk_is_full_records_the_call_from_when_there_is_room(
    line, centre, new_caller, wait_until
) -> None:
    await wait_until(lambda: line.workers, 30.0)
    await wait_until(lambda: "a media worker is ready" in line.log(), 30.0)
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in line.workers}
    for pid, (_, most) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (20, most))
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    caller.speak()
    await wait_until(lambda: line.carriers)
    (carrier,) = line.carriers
    await asyncio.sleep(1.5)
    opened = descriptors(carrier)
    await asyncio.sleep(TRIED_FOR_S)
    assert line.recordings == []
    assert descriptors(carrier) <= opened
    assert not centre.events(RecordingStarted)
    for pid, limit in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    started = await centre.heard_of(RecordingStarted)
    assert started.segment == 1
    await asyncio.sleep(1.0)
    await caller.be_silent()
    caller.hang_up()
    ended = await centre.heard_of(RecordingEnded)
    assert [path.name for path in line.recordings] == [ended.file]
    at = {type(fact.event): fact.at for fact in centre.facts}
    assert abs((at[RecordingStarted] - at[CallConnected]).total_seconds()) < 2.0, "its time is that of its first sample"
