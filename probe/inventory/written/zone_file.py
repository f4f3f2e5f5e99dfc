"""A zone file (RFC 1035 section 5) or a transfer to record sets: `$INCLUDE` opens and `$GENERATE` makes nothing."""

from collections.abc import Iterable

import dns.exception
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

from probe.inventory.origin import Origin, named
from probe.inventory.written.zone import UnreadableZone, WrittenZone, make_zone
from probe.model.name import canonical
from probe.route53.record_values import NAME_TYPES
from probe.route53.records import ResourceRecordSet

_DIRECTIVES = ("$ORIGIN", "$TTL")
"""A file of strangers must neither read others nor multiply itself."""


def read_zone_file(text: str, file: str) -> WrittenZone:
    """Read a zone file.

    Raises:
        UnreadableZone: It is none, or not of a whole zone.
    """
    try:
        zone = dns.zone.from_text(
            text, filename=file, relativize=False, check_origin=False, allow_directives=_DIRECTIVES
        )
    except (dns.zone.UnknownOrigin, dns.zone.NoSOA) as error:
        raise UnreadableZone(
            f"{Origin(file)} does not tell whose zone it is: begin it with `$ORIGIN example.com.`"
        ) from error
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise UnreadableZone(f"{Origin(file)} is not a zone file: {named(error)[1:-1]}") from error
    return make_zone((_record_set(name.to_text(), held) for name, held in zone.iterate_rdatasets()), Origin(file))


def zone_of(rrsets: Iterable[dns.rrset.RRset], source: str) -> WrittenZone:
    """Take what a transfer gave as a zone.

    Raises:
        UnreadableZone: It is not whole.
    """
    return make_zone((_record_set(one.name.to_text(), one) for one in rrsets), Origin(source))


def _record_set(name: str, held: dns.rdataset.Rdataset) -> ResourceRecordSet:
    rdtype = dns.rdatatype.to_text(held.rdtype)
    values = tuple(one.to_text().lower() if rdtype in NAME_TYPES else one.to_text() for one in held)
    return ResourceRecordSet(canonical(name), rdtype, held.ttl, values)
