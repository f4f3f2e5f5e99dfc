"""The verdict on one record, folded answer by answer."""
