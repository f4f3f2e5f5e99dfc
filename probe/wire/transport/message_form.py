"""Where things stand in a DNS message (RFC 1035 section 4.1), for those who read its bytes without parsing it."""

ID_BYTES = 2
"""The id, which compression pointers count, and which a message that is compared with others does not have."""
HEADER_BYTES = 12
"""The id, the flags and four counts."""
QUESTION_AFTER_ID = HEADER_BYTES - ID_BYTES
"""Where the question section begins in a message without its id."""
TYPE_AND_CLASS_BYTES = 4
"""What follows a question's name."""
RECORD_TAIL_BYTES = 10
"""What stands between a record's owner and its rdata: type, class, TTL, and the length of the rdata."""
POINTER = 0xC0
"""The lowest octet that begins a compression pointer, where a label's length would stand (RFC 1035 section 4.1.4)."""
