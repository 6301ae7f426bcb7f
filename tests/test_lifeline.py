"""Waiting for the parent's end of our standard input to close."""

import asyncio
import os
import subprocess
import sys

from omwatch.lifeline import stdin_closed


async def test_waits_while_the_parent_lives_and_returns_when_it_closes_its_end() -> None:
    ours, parents = os.pipe()
    waiting = asyncio.ensure_future(stdin_closed(ours))
    os.write(parents, b"what arrives before is thrown away")
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    os.close(parents)
    async with asyncio.timeout(1):
        await waiting
    os.close(ours)


async def test_standard_input_that_is_not_open_counts_as_closed() -> None:
    ours, parents = os.pipe()
    os.close(ours)
    os.close(parents)
    async with asyncio.timeout(1):
        await stdin_closed(ours)


def test_waiting_does_not_keep_a_process_from_exiting() -> None:
    program = """
import asyncio
from omwatch.lifeline import stdin_closed

async def main():
    waiting = asyncio.ensure_future(stdin_closed())
    await asyncio.wait([waiting], timeout=0.05)
    waiting.cancel()

asyncio.run(main())
print("over")
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b"over\n"
        assert child.wait(timeout=10) == 0
