"""Write the approved wording anew: `python -m tests.wording`."""

from tests.wording.document import FILE, document

FILE.write_text(document(), encoding="utf-8")
