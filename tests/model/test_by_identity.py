"""What is remembered by identity: the very same arguments only, and never more than was asked for."""

from probe.model.by_identity import by_identity


def test_the_very_same_arguments_are_asked_for_once() -> None:
    asked: list[object] = []

    @by_identity(4)
    def total(numbers: tuple[int, ...], more: tuple[int, ...]) -> int:
        asked.append(numbers)
        return sum(numbers) + sum(more)

    numbers, more = (1000, 2000), (3000,)

    assert [total(numbers, more) for _ in range(3)] == [6000] * 3
    assert len(asked) == 1


def test_equal_arguments_that_are_not_the_same_are_asked_for_again() -> None:
    asked: list[object] = []

    @by_identity(4)
    def first(numbers: list[int]) -> int:
        asked.append(numbers)
        return numbers[0]

    assert first([1]) == 1
    assert first([1]) == 1
    assert len(asked) == 2


def test_an_identity_that_was_given_away_is_not_mistaken_for_the_value_before() -> None:
    @by_identity(4)
    def first(numbers: list[int]) -> int:
        return numbers[0]

    assert [first([number]) for number in range(100)] == list(range(100))


def test_no_more_is_kept_than_was_asked_for() -> None:
    asked: list[object] = []

    @by_identity(2)
    def seen(value: object) -> int:
        asked.append(value)
        return len(asked)

    one, two, three = object(), object(), object()

    assert [seen(one), seen(two), seen(one), seen(three), seen(one)] == [1, 2, 1, 3, 4]
