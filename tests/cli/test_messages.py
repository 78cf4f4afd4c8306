#!/usr/bin/env python3
"""The exact text of diagnostics for the mistakes that people make: tests/cli/messages/*.txt.

A case is a line `=== what it is about`, a program, a line `---`, and what `nostos check` writes. Run as:
test_messages.py PATH-OF-NOSTOS [--rewrite]; look at the difference before you keep rewritten texts.
"""
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

MESSAGES = pathlib.Path(__file__).resolve().parent / "messages"


def cases_of(path):
    for case in path.read_text(encoding="utf-8").split("=== ")[1:]:
        title, rest = case.split("\n", 1)
        program, _, expected = rest.partition("---\n")
        yield title, program, expected


def check(nostos, program):
    with tempfile.TemporaryDirectory(prefix="nostos-messages-") as directory:
        (pathlib.Path(directory) / "m.nos").write_text(program, encoding="utf-8")
        result = subprocess.run([nostos, "check", "--lib", "m.nos"], cwd=directory, capture_output=True, text=True,
                                env=dict(os.environ, NO_COLOR="1"), timeout=60)
    if result.returncode not in (0, 1) or result.stdout:
        return f"status {result.returncode}\n{result.stdout}{result.stderr}"
    return result.stderr


def main():
    nostos, rewrite = os.path.abspath(sys.argv[1]), "--rewrite" in sys.argv[2:]
    passed = failed = 0
    for path in sorted(MESSAGES.glob("*.txt")):
        rewritten = []
        for title, program, expected in cases_of(path):
            found = check(nostos, program)
            rewritten.append(f"=== {title}\n{program}---\n{found}")
            if found == expected:
                passed += 1
                continue
            failed += 1
            print(f"FAIL {path.name}: {title}")
            print("".join(difflib.unified_diff(expected.splitlines(True), found.splitlines(True), "expected", "found")))
        if rewrite:
            path.write_text("".join(rewritten), encoding="utf-8")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed and not rewrite else 0


if __name__ == "__main__":
    sys.exit(main())
