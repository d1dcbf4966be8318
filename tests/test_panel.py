"""What a table of a state shows that the one before did not."""

from simenv.panel import Table, changes


def table(*rows, columns=("id", "name", "n"), key=1):
    return Table(title="t", columns=columns, rows=rows, key=key)


def test_a_changed_cell_is_one_cell_and_a_new_row_is_all_of_its_cells():
    found = changes(table((1, "a", 2), (2, "b", 3)), table((2, "b", 4), (1, "a", 2), (3, "c", 0)))
    assert found.cells == {(0, 2), (2, 0), (2, 1), (2, 2)} and found.gone == ()


def test_a_row_that_is_gone_is_named():
    assert changes(table((1, "a", 2), (2, "b", 3)), table((1, "a", 2))).gone == ((2, "b", 3),)


def test_a_number_is_not_its_text():
    assert changes(table((1, "a", 2)), table((1, "a", "2"))).cells == {(0, 2)}


def test_there_is_nothing_to_compare_with_at_first_or_after_a_change_of_columns():
    after = table((1, "a", 2))
    assert changes(None, after).cells == changes(table((1,), columns=("id",)), after).cells == frozenset()


def test_a_key_may_have_several_columns():
    before, after = (table((1, "a", n), (1, "b", 0), key=2) for n in (2, 3))
    assert changes(before, after).cells == {(0, 2)}
