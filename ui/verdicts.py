"""What the verdicts say together: agreement between reviewers, and the files that leave."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from qa.agreement import Agreement
from qa.audit import Trail
from qa.review_export import as_csv, as_gold, as_jsonl, pairs
from ui import wording as words
from ui import wording_staff as wording
from ui.access import require
from ui.acts import generation, signed
from ui.escape import escape
from ui.submit import reviews


def show() -> None:
    """Draw agreement and exports."""
    by = (signed(require("staff")), generation())
    kept, given = reviews().queue(), reviews().judgements()
    with st.container(key="accord"):
        st.header(wording.AGREEMENT, anchor=False)
        found = pairs(given)
        if not found:
            st.markdown(wording.AGREEMENT_NONE)
        else:
            rows = [wording.AGREEMENT_HEAD, "| --- | --- | ---: | ---: | ---: |"]
            for pair in found:
                who = wording.AGREEMENT_PAIR.format(
                    first=escape(pair.first), second=escape(pair.second)
                )
                rows += [
                    _row(who, wording.AGREEMENT_ON["answers"], pair.answers),
                    _row(who, wording.AGREEMENT_ON["citations"], pair.citations),
                ]
            st.markdown("\n".join(rows))
            st.caption(wording.AGREEMENT_NOTE)
    lines, missing = as_gold(kept, given)
    day = date.today().isoformat()
    with st.container(key="exports"):
        st.header(wording.EXPORT_TITLE, anchor=False)
        st.caption(wording.EXPORT_LEAD)
        with st.container(horizontal=True):
            # Made when asked for: what lies ready at an address could be fetched by others.
            st.download_button(
                wording.EXPORT_CSV, data=partial(_csv, *by), file_name=f"verifications-{day}.csv",
                mime="text/csv", key="export-csv", on_click="ignore", disabled=not given,
            )  # fmt: skip
            st.download_button(
                words.count(wording.EXPORT_GOLD, len(lines)), data=partial(_gold, *by),
                file_name=f"verifications-{day}.jsonl", mime="application/jsonl",
                key="export-gold", on_click="ignore", disabled=not lines,
            )  # fmt: skip
    if missing:
        with st.expander(wording.EXPORT_MISSING):
            for number, why in missing:
                st.markdown(
                    "- " + wording.MISSING_ROW.format(number=number, why=wording.MISSING[why])
                )


def _row(who: str, what: str, found: Agreement) -> str:
    kappa = wording.AGREEMENT_UNDEFINED
    if found.kappa is not None and found.low is not None and found.high is not None:
        kappa = wording.AGREEMENT_KAPPA.format(
            kappa=_number(found.kappa), low=_number(found.low), high=_number(found.high)
        )
    observed = "—" if found.observed is None else f"{100 * found.observed:.0f}\u00a0%"
    return f"| {who} | {what} | {found.n} | {observed} | {kappa} |"


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",").replace("-", "−")


def _csv(who: str, before: str | None) -> bytes:
    """Runs when the button is pressed, outside the page's script: there is no session there."""
    Trail.of().record(who, "export", "csv", before)
    return as_csv(reviews().queue(), reviews().judgements())


def _gold(who: str, before: str | None) -> bytes:
    Trail.of().record(who, "export", "gold", before)
    return as_jsonl(as_gold(reviews().queue(), reviews().judgements())[0])
