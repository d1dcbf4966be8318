"""Parts of names for people, places, films and firms. Own lists, so that no update of a package changes a task."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


FIRST = _words(
    "Adele Agnes Alma Amira Anders Andrea Anton Arthur Astrid August Beatrice Bruno Camille Carmen Cecil Clara Conrad "
    "Daria David Edith Elena Emil Esther Felix Fiona Frida Gareth Greta Hanna Harold Hector Helena Hugo Ida Igor Ines "
    "Iris Ivan Jasmine Joan Jonas Judith Julian Karim Katya Lars Laura Leon Lena Lucas Mabel Magnus Marco Maria Martin "
    "Maya Milan Mina Nadia Naomi Nils Nora Oscar Otto Pablo Paula Pavel Petra Quentin Rafael Rosa Ruben Ruth Salma "
    "Samuel Selma Silvia Simon Stella Sven Tamara Teresa Theo Tomas Ursula Victor Vera Walter Wanda Yara Yusuf Zoe"
)
LAST = _words(
    "Abbott Adler Almeida Amundsen Baranov Barlow Becker Bergman Bianchi Brandt Calloway Carvalho Castellan Cho Corbin "
    "Dahl Delgado Draper Duarte Eklund Ellery Falk Farrow Ferrari Fontaine Garner Gentile Goddard Grieve Hale Hartmann "
    "Haddad Holm Ibarra Ito Jansen Joubert Kapoor Keller Kovacs Kruger Lachance Lindqvist Lombard Marchetti Marlow "
    "Mendez Moreau Nakamura Navarro Nowak Obi Okafor Olsen Orlov Pacheco Pereira Petrov Quist Ramsey Reyes Rossi Rowe "
    "Sandoval Schmid Serrano Silva Sorensen Stark Suzuki Tanaka Thorne Tolstad Ulrich Valdez Vargas Vogel Voss Weaver "
    "Weiss Winter Yamada York Zamora Zeller Zielinski"
)
ADJECTIVES = _words(
    "Amber Bitter Borrowed Broken Burning Crimson Distant Drowned Empty Endless Fading Forgotten Frozen Gilded Golden "
    "Hidden Hollow Last Little Lonely Long Lost Midnight Narrow Northern Painted Pale Patient Quiet Restless Salt Second "
    "Secret Seventh Silent Silver Sleeping Stolen Sunken Tender Unseen Velvet Wandering White Wild Winter Wooden"
)
THINGS = _words(
    "Anchor Archive Border Bridge Canyon Carnival Cathedral Compass Corridor Crossing Empire Engine Fountain Garden "
    "Harbour Horizon Hour House Island Kingdom Ladder Lantern Letter Lighthouse Machine Market Meadow Mirror Mountain "
    "Orchard Orchestra Passenger Path Piano Promise Railway River Season Shadow Shore Signal Summer Theatre Tide Tower "
    "Valley Voyage Window Witness"
)
STEMS = _words(
    "Al Ar Bel Ber Bran Cal Cas Cor Dal Dor El Esk Fal Fen Gar Gol Har Hol Ist Jor Kal Kes Lan Lor Mar Mel Mor Nar Nor "
    "Ol Or Pel Por Quel Ros Rud Sal Sel Sor Tal Tir Tol Ul Val Var Ves Wel Wes Yar Zan"
)
MIDDLES = ("a", "e", "i", "o", "u", "en", "in", "or", "an", "el")
CITY_ENDS = ("bridge", "burg", "bury", "field", "ford", "haven", "mouth", "port", "stad", "ton", "ville", "wick")
COUNTRY_ENDS = ("dia", "land", "lia", "mark", "nia", "ria", "stan", "via")
FIRM_ENDS = ("Analytics", "Foods", "Group", "Holdings", "Industries", "Labs", "Logistics", "Motors", "Systems", "Works")
STUDIO_ENDS = ("Features", "Films", "Pictures", "Studios")
TEAM_ENDS = _words(
    "Arrows Badgers Comets Falcons Foxes Giants Herons Hornets Kings Lions Lynxes Otters Pilots Rangers Ravens Rovers "
    "Sharks Stags Storm Titans United Wanderers Wolves"
)
PRODUCT_STEMS = _words("Aero Astro Bright Clear Core Deep Edge Flex Grid Hyper Ion Jet Key Lumen Meta Nova Orbit Pulse")
PRODUCT_ENDS = _words("Beam Box Cast Desk Drive Flow Kit Link Mate Note Pad Pod Scope Sense Suite View Watch Wave")

GENRES = _phrases(
    "comedy|drama|thriller|western|science fiction|horror|documentary|romance|crime film|war film|musical|fantasy film"
)
LANGUAGES = _phrases(
    "Arvian|Belosi|Cantrian|Doric|Estravan|Fallish|Gorani|Hestian|Istrali|Jorvic|Kessian|Lorendish|Meridian|Norrish"
)
INDUSTRIES = _phrases(
    "aerospace|agriculture|banking|biotechnology|construction|consumer electronics|insurance|mining|publishing|"
    "renewable energy|retail|shipbuilding|software|telecommunications|textiles"
)
FIELDS = _phrases(
    "astronomy|biochemistry|botany|ecology|fluid dynamics|genetics|geology|linguistics|mathematics|neuroscience|"
    "organic chemistry|particle physics|statistics|thermodynamics|zoology"
)
LEAGUES = ("Premier Division", "Atlantic League", "Continental Cup", "Harbour League", "Summit League", "Union League")
