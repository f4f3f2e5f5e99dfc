"""What is asked: a name and a type (class IN throughout, RFC 1035 section 4.1.2)."""

from typing import NamedTuple

from probe.model.name import DomainName
from probe.model.word import Word


class RecordType(Word):
    """The types that the probe asks for or reads in answers."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    TXT = "TXT"
    NS = "NS"
    SOA = "SOA"
    DS = "DS"
    DNSKEY = "DNSKEY"


ADDRESS_TYPES = (RecordType.A, RecordType.AAAA)


class Question(NamedTuple):
    """One QNAME and QTYPE. The name is absolute: a search list is never applied."""

    name: DomainName
    rdtype: RecordType
