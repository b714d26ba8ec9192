"""The tone of a headline by its words: a list of what moves crypto markets, and how words turn.

Enough for the score of an article, and a part of what `lib.wording.judge` goes by. Its list was
written for this service.
"""

import re
from math import tanh
from typing import Final

from lib.news import Tone, Verdict

MODEL: Final = "lexicon"

_GOOD: Final = """
2 all-time-high approval approve approved approves ath boom booms breakout breakthrough bullish
2 bulls explode explodes greenlight greenlights jackpot milestone moon mooning outperform
2 outperformed outperforms rallied rallies rally rallying record-high skyrocket skyrocketed
2 skyrocketing skyrockets soar soared soaring soars surge surged surges surging thrive triumph
2 victory win wins won
1.5 accept accepted accepts accumulate accumulates accumulating accumulation adopt adopted
1.5 adoption adopts back backed backing backs beat beats best boost boosted boosting boosts climb
1.5 climbed climbing climbs debut debuts embrace embraced embraces funding gain gained gaining
1.5 gains grew grow growing grows growth inflow inflows integrate integrated integrates
1.5 integration invest invested investment invests jump jumped jumping jumps launch launched
1.5 launches launching legalize legalizes momentum optimism optimistic partner partnered partners
1.5 partnership partnerships positive profit profitable profits raise raised raises rebound
1.5 rebounded rebounding rebounds recover recovered recovers recovery rise rises rising rose spike
1.5 spiked spikes strength strengthens strong stronger success successful successfully support
1.5 supported supports unveil unveiled unveils upgrade upgraded upgrades
1 acquire acquired acquires acquisition add added adds aid airdrop allow allowed allows attract
1 attracts award awarded awards benefit benefits bought buy buying buys celebrate cheaper
1 confidence confident demand donate donated donates double doubled doubles easier easy eclipse
1 eclipses enable enabled enables enhance enhanced enhances exceed exceeds expand expanded
1 expands expansion faster flip flips flourish green high higher highs hit hits hope hopeful
1 hopes improve improved improvement improves innovation innovative join joins lead leader
1 leading leads list listing lists mainstream open opens opportunity popular potential reach
1 reached reaches ready resilient resume resumed resumes reward rewards secure secured secures
1 solid surpass surpassed surpasses top tops triple trust up upside welcome welcomes
"""
_BAD: Final = """
2 arrest arrested arrests ban bankrupt bankruptcy banned banning bans bearish bears bloodbath
2 capitulation charged charges collapse collapsed collapses collapsing convicted crackdown crash
2 crashed crashes crashing criminal criminals default exploit exploited exploits fraud
2 fraudulent guilty hack hacked hacker hackers hacks halt halted halts indicted insolvency
2 insolvent jail jailed laundering lawsuit lawsuits liquidated outage phishing plummet plummeted
2 plummets plunge plunged plunges plunging ponzi prison ransomware rug rugpull sanction
2 sanctions scam scammer scammers scams seize seized seizes slump slumped slumps steal steals
2 stolen sue sued sues suspend suspended suspends terrorist theft tumble tumbled tumbles
1.5 attack attacked attacks breach breached bubble bug concern concerns correction crisis
1.5 criticize criticized criticizes decline declined declines declining delay delayed delays
1.5 delist delisted delists denied denies deny dip dipped dips drop dropped dropping drops dump
1.5 dumped dumping dumps fail failed failing fails failure fall falling falls fear feared fears
1.5 fell fine fined freeze freezes frozen illegal investigate investigated investigates
1.5 investigation layoff layoffs liquidation liquidations lose loses losing loss losses lost
1.5 negative outflow outflows pain panic penalty probe probes reject rejected rejects resign risk
1.5 risks risky sell-off selloff sink sinks slam slams slid slide slides struggle struggles
1.5 struggling subpoena threat threatens trouble victim victims vulnerability vulnerable warn
1.5 warned warning warnings warns weak weaker weakness withdraw withdraws worried worries worry
1.5 worse worst
1 against bad bleak block blocked blocks bottom controversy cut cuts dark dead death dispute
1 doom doubt doubts down downside downtrend exit exits fud gloom hurt hurts inflation issue
1 issues lag lags low lower lows manipulation misleading problem problems recession red
1 resistance restrict restricted restriction restrictions restricts retreat retreats short
1 shorts skeptical slow slowdown slows stall stalls stop stops tax taxes tough tougher trap
1 uncertain uncertainty volatile volatility war without wobble wobbles
"""
_NOT: Final = frozenset(
    "not no never without isn't aren't wasn't won't don't doesn't didn't can't cannot "
    "couldn't wouldn't shouldn't hardly barely nor neither isnt wont dont doesnt didnt cant".split()
)
_MORE: Final = frozenset(
    "very extremely huge massive massively sharply record biggest major".split()
)
_TURNED: Final = -0.7  # "not good" is bad, but less so
_REACH: Final = 3  # how many words a negation reaches

_PHRASES: Final = (
    (re.compile(r"all[- ]time[- ]highs?"), "ath"),
    (re.compile(r"record[- ]highs?"), "ath"),
    (re.compile(r"all[- ]time[- ]lows?|record[- ]lows?|multi-?year lows?"), "slump"),
    (re.compile(r"sell[- ]?offs?"), "selloff"),
    (re.compile(r"rug[- ]?pull(?:s|ed)?"), "rugpull"),
    (re.compile(r"bull (?:run|market)s?"), "bullish"),
    (re.compile(r"bear (?:market|trap)s?"), "bearish"),
    (re.compile(r"short squeezes?"), "rally"),
    (re.compile(r"(?:end|ends|ended|lift|lifts|lifted) (?:the |its |a )?bans?"), "approve"),
    (re.compile(r"(?:break|breaks|broke|breaking) (?:above|out|through|past)"), "breakout"),
    (re.compile(r"(?:break|breaks|broke|breaking) (?:below|down)"), "plunge"),
    (re.compile(r"(?:fails?|failed|failing|struggles?|struggled|unable) to"), "not"),
    (re.compile(r"hash ?rates?|low fees|lower fees|tops? list|open source|short[- ]term"), "."),
    (re.compile(r"proof[- ]of[- ]stake|bear in mind|high[- ]profile|opens? source"), "."),
)
_WORD = re.compile(r"[a-z][a-z'\-]*|[.!?;:]")
_EDGE: Final = 0.12
"""Scores nearer to zero than this are neutral."""

_SURE: Final = ((0.0, 0.44), (0.12, 0.6), (0.3, 0.71), (0.6, 0.76))
"""How often the verdict was right where the score was at least so far from zero, on labelled crypto
headlines: see `tests/lib/wording/test_tone.py`."""


def _weights() -> dict[str, float]:
    made: dict[str, float] = {}
    for sign, table in ((-1, _BAD), (1, _GOOD)):
        for line in table.strip().splitlines():
            weight, *words = line.split()
            made |= {word: sign * float(weight) for word in words}
    return made


_WEIGHTS: Final = _weights()


def judge(text: str) -> Verdict:
    """The tone of a text of a sentence or a few, in English."""
    score = tone_score(text)
    sure = max(share for least, share in _SURE if abs(score) >= least)
    return Verdict(tone_of(score), score, sure)


def tone_of(score: float) -> Tone:
    """The word for a score from -1 to 1."""
    if abs(score) < _EDGE:
        return "neutral"
    return "positive" if score > 0 else "negative"


def word_tone(word: str) -> float:
    """A word's weight, from -2 (bad news) to 2 (good news); 0 where it tells nothing."""
    return _WEIGHTS.get(word, 0.0)


def tone_score(text: str) -> float:
    """From -1 (bad news) to 1 (good news); 0 where no word tells."""
    lowered = text[:2000].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for pattern, word in _PHRASES:
        lowered = pattern.sub(word, lowered)
    total, turned, more = 0.0, 0, 1.0
    for word in _WORD.findall(lowered):
        weight = _WEIGHTS.get(word, 0.0)
        if weight:
            total += weight * more * (_TURNED if turned else 1.0)
        more = 1.5 if word in _MORE else 1.0
        turned = _REACH if word in _NOT else 0 if word in ".!?;:" else max(0, turned - 1)
    return round(tanh(total / 4), 4) + 0.0
