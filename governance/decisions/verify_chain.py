#!/usr/bin/env python3
"""Check an exported decision chain without the office: only Python, the exported rows, and heads from old mails.

    python3 verify_chain.py chain.json [--head PROGRAM:SEQ:FIRST16HEX ...]

`chain.json` is the export of the decisions page (or GET /api/v1/programs/CODE/records/chain/): {"program", "head":
{"seq", "hash"}, "records": [{"seq", "at_us", "canonical", "prev_hash", "hash"}]}, bytes in base64, hashes in hex,
time in microseconds since 1970 UTC. A --head is what the footer of a sponsor mail printed: it catches a chain
that was written anew as a whole, which nothing inside the database can.
"""

import base64
import hashlib
import json
import struct
import sys


def faults(chain: dict, heads: list) -> list:
    """Each fault as a sentence; [] for a whole chain."""
    found, before, known = [], b"", {}
    for place, row in enumerate(chain["records"], start=1):
        data = base64.b64decode(row["canonical"], validate=True)
        numbers = struct.pack(">qqq", chain["program"], row["seq"], row["at_us"])
        if row["seq"] != place:
            found.append(f"record {place} is missing (found {row['seq']})")
            break
        if bytes.fromhex(row["prev_hash"]) != before:
            found.append(f"record {place} does not follow the one before it")
        if hashlib.sha256(bytes.fromhex(row["prev_hash"]) + numbers + data).hexdigest() != row["hash"]:
            found.append(f"the content or the time of record {place} was altered")
        before = bytes.fromhex(row["hash"])
        known[row["seq"]] = row["hash"]
    head = chain["head"]
    if (head["seq"], head["hash"]) != (len(chain["records"]), before.hex()):
        found.append(
            f"the head says {head['seq']} records, the export has {len(chain['records'])}, or the hash differs"
        )
    for seq, start in heads:
        if not known.get(seq, "").startswith(start):
            found.append(f"record {seq} is not the one whose hash was mailed as {start}")
    return found


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        exported = json.load(file)
    mailed = [text.split(":") for text in sys.argv[2:] if text != "--head"]
    complaints = faults(
        exported, [(int(seq), start) for program, seq, start in mailed if int(program) == exported["program"]]
    )
    print("\n".join(complaints) or f"whole: {exported['head']['seq']} records")
    sys.exit(1 if complaints else 0)
