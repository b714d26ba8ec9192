"""What is written as YAML reads back as it was."""

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.deploy.yaml_text import yaml_text

PLAIN = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")))
    | st.integers()
    | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc: #-'\"0.", min_size=1), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["a", "on", "1", "a b", "- x"]), PLAIN, min_size=1))
def test_the_text_reads_back_as_what_was_written(value: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(value)) == value
