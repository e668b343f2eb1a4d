"""Invented news for telling copies from resemblances: wire stories, and other accounts of the same happenings.

No place, person or measure in them exists. Paragraphs stand apart here and become one line each.
"""

from __future__ import annotations


def _lines(text: str) -> str:
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


WIRE: dict[str, str] = {
    story: _lines(text)
    for story, text in {
        "ordinance": """
PORT ALDEN — The city council of Port Alden voted 7-2 late Tuesday to bar city employees from asking residents about
their immigration status, ending five months of hearings that drew crowds from across the county.

The ordinance forbids the use of municipal money, buildings and staff time for civil immigration enforcement unless
a judge has signed a warrant. It also tells the police chief to report twice a year on every request the department
receives from federal agents.

Supporters filled the chamber and the two overflow rooms beside it. Many wore yellow scarves handed out by a
coalition of churches, and several speakers described relatives who had stopped visiting the public clinic.

"People should be able to call an ambulance without wondering who else will arrive," said council member Lida
Marron, who wrote the measure.

The two members who voted against it said they feared losing federal grants that pay for the harbor patrol. Council
member Tobin Esk called the ordinance a symbol that would cost real money.

City lawyers told the council in a memorandum last month that the harbor grants make up about four percent of the
police budget and that conditions attached to similar grants elsewhere had been set aside by courts.

Mayor Oriel Vance, who has ten days to act, said through a spokesman that she would sign the ordinance before the
end of the week. It takes effect thirty days later.

The county sheriff, whose jail is not covered by the city measure, declined to comment. His office has an agreement
of its own with federal authorities that runs until next summer.

Opponents said they would begin to collect signatures for a referendum. They need about four thousand two hundred
names by the middle of January to put the question before voters.
""",
        "sheriff": """
GREENE FORKS — Commissioners in Tallow County agreed on Monday to let the sheriff train eleven deputies to question
jail inmates about their right to be in the country, making it the third county in the valley to join the federal
program.

The vote was 4-1 after a meeting that lasted until past midnight. Sheriff Dalton Reyk said the deputies would work
only inside the jail and would not stop drivers or knock on doors.

Under the agreement the federal government pays for four weeks of training and for the computers, while the county
carries the deputies' wages. A report by the county auditor puts the yearly cost at three hundred and ten thousand
dollars.

Commissioner Wilma Oost, the only vote against, asked why the county should do a federal job with local money while
two rural ambulance stations stand closed.

"Nobody is taken off patrol for this," Reyk answered. "These are jail deputies, and they will be jail deputies when
they come back from the course."

About sixty people spoke. A dairy farmer said that half of his milkers had stayed home since the proposal became
known. A retired teacher said the law was the law and that the county had waited too long.

The program has grown quickly in the state since the legislature began to reimburse part of its cost. Eight months
ago two counties took part; with Tallow there are nineteen.

The first deputies are expected to leave for training in March. The agreement can be ended by either side with
ninety days' notice, and the commissioners added a clause that asks for a public report each spring.
""",
        "court": """
A federal judge in Marlow on Friday blocked the state from withholding road money from four cities that limit their
help to immigration agents, saying that the legislature had never voted for such a condition.

In a forty-one page order, Judge Petra Lindqvist wrote that the transportation department could not invent a penalty
that the law does not contain. The order holds while the lawsuit goes on.

The cities of Ashgrove, Bellwater, Corin and Dunmere sued in August after the department told them that paving
projects worth sixty-two million dollars would be delayed until they changed their policies.

"The power of the purse belongs to those who were elected to hold it," the judge wrote. "A letter from a deputy
director is not a statute."

The department said it would appeal. Its director argued in court that the money was granted at the state's
discretion and that cooperation with federal law had always been expected of those who received it.

Lawyers for the cities said contractors could be called back within days. In Dunmere a bridge over the Little Tamsin
River has been closed to trucks since spring, forcing deliveries into a detour of nineteen miles.

Two similar cases are pending in other districts. Legal scholars said that Friday's order does not bind those courts
but would be read closely there, because the statutes are nearly the same word for word.

A hearing on whether the order should become permanent is set for the second week of February.
""",
        "schools": """
The school board of Ellery Unified approved a resolution on Wednesday night that tells principals to send
immigration agents to the district's lawyer and to keep classrooms closed to them unless they show a warrant signed
by a judge.

The five members present all voted yes. The resolution also says that the district will not collect birth
certificates beyond what enrollment requires, and that bus drivers will be trained in what to do when they are
stopped.

Superintendent Mara Quill said attendance had dropped by six percent in three weeks at two elementary schools, and
that counselors were hearing from children who were afraid to find an empty house after class.

"We are not making immigration policy," Quill said. "We are trying to teach fractions to children who come to
school."

A handful of parents objected. One said that the board was inviting a fight it could not win and that the money for
lawyers should go to reading specialists.

The board rejected an amendment that would have asked local police to stay away from campuses as well. Its president
said officers assigned to schools had nothing to do with immigration matters and were needed at the crossings.

Principals will receive cards with the lawyer's number this week. The district, which has about fourteen thousand
pupils, joins eleven others in the region with rules of that kind.
""",
        "repeal": """
Trustees of the village of Harrow Lake repealed their four-year-old welcoming ordinance on Thursday, one day before
a new state law would have let the attorney general sue them over it.

The vote was 5-2. Village President Anselm Borg said he still believed in the ordinance but would not spend the
village's savings on a case it was bound to lose.

The state law, signed in June, forbids local governments to adopt or keep any rule that limits the sharing of
information with federal immigration officials. It provides fines of up to ten thousand dollars for each day of
violation.

More than a hundred people came to the meeting, which was moved to the fire station. Some held photographs of
neighbors; others applauded when the clerk read the tally.

Trustee Juno Feld, who voted no, said the village should have waited to be sued. "A rule that we give up before
anyone asks us to was never worth much," she said.

The ordinance, adopted unanimously in its time, kept village police from holding people at the request of
immigration agents. According to the police chief no such request was ever received.

Three other communities in the state have similar rules on their books. Two of them have scheduled votes for next
month, and the third has said that it will go to court.
""",
        "storm": """
An ice storm cut power to more than eighty thousand homes across the northern counties early Sunday, and utility
crews warned that some roads would stay blocked by fallen trees until the middle of the week.

Freezing rain began shortly after ten on Saturday evening and went on for seven hours. In the hills around Cobble
Notch the ice was an inch and a quarter thick, enough to bring down lines that had been replaced only last year.

Churches and two high schools opened their halls as sanctuaries for people without heat. At Saint Brannoc's,
volunteers served four hundred bowls of soup before noon and were sending a van to fetch more bread.

"The lights went out and then you heard the trees, like shots, one after another, all night," said Edda Prine, who
spent the night in her kitchen with three dogs.

The governor declared an emergency for six counties and asked drivers to stay at home. State police counted more
than two hundred accidents, most of them minor, and closed the mountain highway in both directions.

Lineworkers from three neighboring states were on their way. The largest utility said it would first restore
hospitals and pumping stations, then the main feeder lines, and only then single streets.

Temperatures are expected to rise above freezing on Tuesday afternoon.
""",
    }.items()
}
"""Six stories as a wire service sent them, one paragraph a line."""

OWN_WORDS: dict[str, str] = {
    story: _lines(text)
    for story, text in {
        "ordinance": """
After months of argument, Port Alden has a sanctuary law. Nine council members sat down at six on Tuesday; seven of
them raised their hands shortly before eleven, and the yellow scarves in the gallery went up with them.

What the law does is simple to say. City workers may not ask where somebody was born or what papers they carry.
Officers may not lend a hand, a room or an hour to civil immigration cases without a warrant from a judge. The chief
has to publish how often Washington asks.

"People should be able to call an ambulance without wondering who else will arrive," Lida Marron, the law's author,
told the chamber.

Tobin Esk did not agree. The harbor patrol lives on grants, he reminded his colleagues, and whoever bites the hand
that feeds it should say which boat will be sold first. One other member joined him.

By the count of the city's own attorneys that is some four percent of what the police spend, and judges in other
places have struck such strings from the grants.

Oriel Vance, the mayor, intends to put her name under it this week. A month after that it is in force, if the
petition that its enemies announced does not stop it: they want a vote of the people.
""",
        "sheriff": """
It was twenty minutes past midnight when the last hand went up in Greene Forks. Tallow County will send jail
deputies, eleven of them, to be schooled by the federal government in the law of immigration.

Dalton Reyk got what he had asked for since the autumn. The sheriff promised the room that nobody would be pulled
over because of it: those deputies stay behind the jail's walls, he said, and ask their questions there.

Wilma Oost voted no, alone. Two ambulance stations in her part of the county have been dark since last year, and
three hundred thousand dollars would open both of them, she said.

The hearing heard farmers short of hands, a pastor, two veterans and a former teacher who wanted to know what had
taken so long. Nearly sixty had signed up.

The money for the course comes from Washington and so do the machines. Wages do not. Either party may walk away
after three months' warning, and once a year the sheriff has to tell the public what came of it.
""",
        "court": """
Four cities that were told to choose between their sanctuary policies and their potholes may keep both, at least for
now. Judge Petra Lindqvist ruled in Marlow that road funds cannot be held back by letter.

Ashgrove, Bellwater, Corin and Dunmere had gone to court when the state froze sixty-two million dollars for paving
and bridges late in the summer. Nothing in the budget act said that the money hung on helping immigration officers,
the judge found after reading it through.

For Dunmere the matter is a bridge. Trucks bound for its cannery have taken a long way around since the crossing
over the Little Tamsin was shut, and the mayor said work could start again before the ground freezes.

The state's lawyers see it differently and are going to a higher court. Grants are gifts, they say, and a giver may
expect something in return.

Both sides are to come back in February.
""",
        "repeal": """
Harrow Lake is no longer a welcoming village, at any rate not on paper. With a day to go before the attorney general
could have taken it to court, its board struck the ordinance of that name from the code.

Anselm Borg, who presides over the board, made no secret of his reasons: a village of three thousand cannot pay ten
thousand dollars a day. Four trustees saw it as he did, two did not.

Juno Feld was one of the two, and she wanted to be sued first. The crowd in the fire station, a good hundred people,
was as divided as the board.

The chief of police says that in four years not a single detainer request came in that his officers would have had
to turn down. Elsewhere in the state three towns still have such rules, and at least one means to fight.
""",
    }.items()
}
"""The same happenings by a reporter who was there; the quotation in the first is the same, as it would be."""

CALENDAR = _lines("""
The Harbor Beat lists events in and around town. Send yours by Wednesday noon and include a telephone number.

The farmers market opens Saturday at eight on the square behind the old customs house, with music from ten o'clock.

The library reads to children on Tuesdays at half past nine and on Thursdays at four, and no registration is needed.

The historical society shows the photographs of the lighthouse keepers in the annex through the end of the month.

The swimming pool on Quarry Road is closed for repairs; season tickets are honored at the county pool until it
reopens.
""")
"""What one outlet prints with small changes every week."""

BIOGRAPHY = _lines("""
The reporter covers local government for this newspaper and can be reached at the city desk during office hours.

Support for this reporting comes from readers like you. Please consider a gift to keep local journalism free for
everyone in the valley.

Sign up for the morning letter, and you will find the day's five most important stories in your mailbox before
breakfast.
""")
"""What one outlet prints under every article."""
