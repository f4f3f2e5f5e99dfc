from probe.lab.resolver_cache import Cache, CachePolicy, with_ttl
from probe.model.name import DomainName
from probe.route53.reply import Records

STALE_TTL = 30
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

WEB = DomainName("web.example.com.")
SOA = Records(DomainName("example.com."), "SOA", 900, ("ns. contact. 1 7200 900 1209600 60",))


def test_an_absence_lives_for_the_lesser_of_the_soas_ttl_and_minimum() -> None:
    cache = Cache(CachePolicy())
    cache.put_absence(WEB, "A", "NXDOMAIN", SOA, 0.0)
    assert cache.get(WEB, "TXT", 59.9) is not None
    assert cache.get(WEB, "TXT", 60.0) is None


def test_nothing_is_kept_for_longer_than_a_day_and_no_absence_for_longer_than_three_hours() -> None:
    cache = Cache(CachePolicy())
    cache.put(Records(WEB, "A", 1_000_000, ("192.0.2.1",)), 0.0)
    long = SOA._replace(ttl=1_000_000, values=("ns. contact. 1 7200 900 1209600 1000000",))
    cache.put_absence(WEB, "AAAA", "NOERROR", long, 0.0)
    assert cache.get(WEB, "A", 86_399.0) is not None
    assert cache.get(WEB, "A", 86_400.0) is None
    assert cache.get(WEB, "AAAA", 10_799.0) is not None
    assert cache.get(WEB, "AAAA", 10_800.0) is None


def test_an_absence_without_soa_is_not_kept() -> None:
    cache = Cache(CachePolicy())
    cache.put_absence(WEB, "A", "NXDOMAIN", None, 0.0)
    assert cache.get(WEB, "A", 0.0) is None


def test_a_record_replaces_the_absence_of_its_name() -> None:
    cache = Cache(CachePolicy())
    cache.put_absence(WEB, "A", "NXDOMAIN", SOA, 0.0)
    cache.put(Records(WEB, "A", 300, ("192.0.2.1",)), 1.0)
    assert cache.get(WEB, "TXT", 2.0) is None
    entry = cache.get(WEB, "A", 2.0)
    assert entry is not None
    assert entry.records is not None


def test_a_ttl_is_whole_seconds_down_and_a_stale_one_is_thirty() -> None:
    records = Records(WEB, "A", 300, ("192.0.2.1",))
    assert with_ttl(records, 300.0, 0.5).ttl == 299
    assert with_ttl(records, 300.0, 300.5).ttl == STALE_TTL == 30


def test_the_cache_is_bounded() -> None:
    cache = Cache(CachePolicy())
    first, last = DomainName("n0.example.com."), DomainName("n20000.example.com.")
    for number in range(20_000):
        cache.put(Records(DomainName(f"n{number}.example.com."), "A", 300, ("192.0.2.1",)), 0.0)
    assert cache.get(first, "A", 1.0) is not None
    cache.put(Records(last, "A", 300, ("192.0.2.1",)), 0.0)
    assert cache.get(first, "A", 1.0) is None
    assert cache.get(last, "A", 1.0) is not None
