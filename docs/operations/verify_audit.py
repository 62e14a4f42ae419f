#!/usr/bin/env python3
"""Verifies an exported audit log (JSON Lines or CSV) without MlOps.Sdk.

    python3 verify_audit.py audit.jsonl ["mlops-audit-1 <workspace> <sequence> <hash> <time>"]

Exit code 0: every entry follows from the one before it, and what is shown to be read ("details") says what is hashed ("detailsText"). 1: the first one that does not is printed. 2: the call is wrong.
"""
import calendar
import csv
import hashlib
import json
import struct
import sys
import time

NEW_YEAR_1970 = 621_355_968_000_000_000  # ticks of 100 ns since 0001-01-01


def ticks(at):
    """2026-01-02T03:04:05.0000000Z as ticks."""
    seconds, fraction = at[:-1].split(".")
    return NEW_YEAR_1970 + calendar.timegm(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")) * 10_000_000 + int(fraction)


def hash_of(entry):
    digest = hashlib.sha256()

    def number(value):
        digest.update(struct.pack("<q", value))

    def text(value):
        data = value.encode("utf-8")
        number(len(data))
        digest.update(data)

    text(entry["previous"])
    number(int(entry["sequence"]))
    number(ticks(entry["at"]))
    for field in ("actor", "action", "subject", "detailsText"):
        text(entry[field])
    return digest.hexdigest()


def exact(text):
    """JSON with its numbers as they are written and all its fields, so that 1, 1.0 and true differ, and no field hides another."""
    def refuse(constant):
        raise ValueError(constant)

    def number(digits):
        return ("number", digits)

    return json.loads(text, object_pairs_hook=lambda fields: ("object", fields),
                      parse_int=number, parse_float=number, parse_constant=refuse)


def says(shown, hashed):
    """Whether a shown value is the hashed one, or the JSON that the hashed text holds."""
    if shown == hashed:
        return True
    try:
        return isinstance(hashed, str) and shown == exact(hashed)
    except ValueError:
        return False


def agree(shown, text):
    """Whether "details" says what "detailsText" does: nested for reading, and nothing else."""
    try:
        hashed = exact(text)
    except ValueError:
        return shown == text  # a sentence
    if not (isinstance(hashed, tuple) and hashed[0] == "object" and isinstance(shown, tuple) and shown[0] == "object"):
        return shown == hashed
    return len(shown[1]) == len(hashed[1]) and all(
        one[0] == other[0] and says(one[1], other[1]) for one, other in zip(shown[1], hashed[1]))


def read(path):
    if path.endswith(".csv"):
        csv.field_size_limit(2**31 - 1)
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for field in ("actor", "action", "subject", "details"):
                    # The apostrophe keeps spreadsheets from computing what begins like a formula.
                    row[field] = row[field][1:] if row[field].startswith("'") else row[field]
                row["detailsText"] = row["details"]
                yield row
    else:
        with open(path, encoding="utf-8", newline="\n") as file:
            for line in file:
                fields = exact(line)[1]
                entry = dict(fields)
                entry["sequence"] = entry["sequence"][1]
                # Of a field that stands there twice, each reader takes another.
                entry["agrees"] = len(entry) == len(fields) and ("details" not in entry or agree(entry["details"], entry["detailsText"]))
                yield entry


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    anchor = arguments[1].split() if len(arguments) == 2 else None
    count, last, anchored = 0, None, anchor is None or anchor[2] == "0"
    for entry in read(arguments[0]):
        number = int(entry["sequence"])
        if hash_of(entry) != entry["hash"]:
            print(f"entry {number} does not match its hash")
            return 1
        if not entry.get("agrees", True):
            print(f"entry {number}: its details are not those that the hash is made of (detailsText)")
            return 1
        if last is not None and number == last[0] + 1 and entry["previous"] != last[1]:
            print(f"entry {number} does not follow from entry {last[0]}")
            return 1
        if last is not None and number <= last[0]:
            print(f"entry {number} stands behind entry {last[0]}")
            return 1
        if anchor is not None and number == int(anchor[2]):
            anchored = entry["hash"] == anchor[3]
        count, last = count + 1, (number, entry["hash"])
    if not anchored:
        print(f"entry {anchor[2]} is not the one that was anchored, or is missing")
        return 1
    entries = "1 entry" if count == 1 else f"{count} entries"
    gaps = "" if last is None or last[0] == count else f" (of {last[0]}; the others were not exported)"
    print(f"{entries}{gaps}, each as it was written; the last hash is {last[1] if last else '-'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
