import pytest

from standfirst.parse.forms import form_of

HEADLINES = """\
Why are the ferries still in port?
ICYMI: Why did the talks fail?
Analysis: Two tired sides are back in port. Can either of them win?
Watch: Helicopters land on football pitch
Minister: ‘We hear you’
‘We have flour for two days’
"It is over", says baker of Skerra
U.S. cruise line offers ships to the U.S.
Mr. Kell, Dr. Venn and the St. Anne's committee agree on one thing
Talks break up. Here's what you need to know
It's 6 p.m. on Skerra. Here's what you need to know.
2 ferries, 40 crew and a dog reach harbour after night at sea
Sanctions widen
Summary
What we know so far:
Opening summary
Ferry boss quits – 'I have had enough' – after leak
There is no bread left on Skerra, mayor says
Ölpreis steigt nach Streik
"""

PROSE = """\
It is 6am in the capital.
But who is to blame
He left the building before four
The company says no. “Not now, not ever”
The mayor said on the radio: “We have flour for two days”
“We will bake with what we find”
The strike, which began on a Monday, was over before it began, the minister said
There are three things to know:
What a day!
And then…
lower case begins a fragment of a sentence
We stand with Skerra #ferries
See https://news.example/ferries for the whole of it
Two. Short. Sentences are no headline
Nine days and no boat have taught Skerra, Holm and Brae to fish, to bake, to row and to sing, to wait as they all did
The mayor says the letter shows that the ministers knew in May that the firm had no boats. Will she publish it?
Here are the main points.
Here's what she told us in an interview at noon.
Petra M, Brae
Q: Did the boats take part?
Mara Venn
Yes
"""


@pytest.mark.parametrize("line", HEADLINES.splitlines())
def test_headlines(line):
    assert form_of(line) == "headline"


@pytest.mark.parametrize("line", PROSE.splitlines())
def test_prose(line):
    assert form_of(line) == "prose"
