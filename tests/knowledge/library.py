"""Eight longer documents of a ward and a law office, made up, in eight formats: what docs/mimir.md shows is measured on them.

`python -m tests.knowledge.library FOLDER` writes them.
"""

import sys
from pathlib import Path

import docx

from tests.knowledge.documents import pdf
from tests.knowledge.handbook import _xlsx

DIABETES = """
Metformin is a medicine that lowers the blood sugar of adults with type 2 diabetes.
The usual starting dose of metformin is 500 mg twice a day with the main meals.
Kidney function is checked before treatment with metformin begins and then once in 12 months.
Treatment with metformin is stopped 48 hours before an examination with iodinated contrast.
Gliclazide is a sulfonylurea that is added where metformin alone does not suffice.
The first dose of gliclazide is 40 mg at breakfast and never more than 320 mg a day.
A foot examination is carried out every 6 months in patients with diabetes on this ward.
The retina of patients with diabetes is photographed once in 24 months by the eye clinic.
Hypoglycaemia is a fall of the blood sugar below 4 mmol per litre that causes sweating and trembling.
Patients with hypoglycaemia who can swallow are given 15 grams of glucose by mouth at once.
The blood sugar is measured again 10 minutes after the glucose was given.
The diabetes team of the ward is led by Doctor Amara Nwosu since September 2016.
The leaflet on insulin pens was translated by Nurse Ingrid Solberg in 2021.
""".strip().splitlines()

SEPSIS = """
Sepsis is a reaction of the whole body to an infection that damages its own organs.
Patients with sepsis are given antibiotics within 60 minutes of the first suspicion.
Two pairs of blood cultures are taken from patients with sepsis before the first dose is given.
The sepsis protocol of the ward was written by Doctor Helena Brandt in March 2019.
Patients with low blood pressure receive 30 ml of crystalloid for each kilogram within 3 hours.
Lactate is a substance in the blood that rises where tissue lacks oxygen.
Lactate is measured again after 2 hours if the first value was higher than normal.
The target of the mean arterial pressure in shock is 65 mmHg on the intensive care unit.
Noradrenaline is the first vasopressor that is given to patients in septic shock.
The infusion of noradrenaline starts at 5 micrograms in each minute through a central line.
Hydrocortisone is considered at 200 mg a day when the shock does not respond to fluids.
A urinary catheter is placed and the urine is measured every 4 hours in septic shock.
The yearly audit of the sepsis protocol is done by Professor Lukas Meinhardt in November.
""".strip().splitlines()

ANTIBIOTICS = """
Amoxicillin is an antibiotic that is used against infections of the ear and of the lung.
Adults with pneumonia are given 875 mg of amoxicillin every 12 hours on this ward.
Treatment with amoxicillin lasts for 7 days in patients without other diseases.
Vancomycin is a glycopeptide that is kept for infections with resistant bacteria.
The level of vancomycin in the blood is measured before the fourth dose at the latest.
A single infusion of vancomycin takes at least 90 minutes because of its side effects.
Gentamicin is an aminoglycoside that may harm the kidneys and the inner ear.
The dose of gentamicin is 5 mg for each kilogram of body weight once a day.
Hearing is tested when gentamicin is given for more than 8 days in a row.
Nitrofurantoin is the first choice for women with a simple infection of the bladder.
Women with such an infection take 100 mg of nitrofurantoin twice a day for 5 days.
The antibiotic round of the hospital was begun by Doctor Samir Haddad in January 2014.
The list of reserve antibiotics is kept by the pharmacist Elena Petrova and renewed every 3 months.
""".strip().splitlines()

CLOTTING = """
Warfarin is an anticoagulant that is taken by patients with an artificial heart valve.
The first dose of warfarin is 5 mg in the evening, and the blood is tested after 3 days.
A patient who takes warfarin carries a card that was designed by Nurse Paula Ortiz in 2011.
Warfarin is stopped 5 days before a planned operation on the bowel or the spine.
Enoxaparin is a heparin that is injected under the skin of the belly once a day.
Patients after a hip operation are given 40 mg of enoxaparin every evening for 35 days.
Platelets are counted on day 7 of every treatment with enoxaparin on this ward.
Protamine is an antidote that binds heparin within minutes of the injection.
A slow injection of 50 mg of protamine is given when a patient on heparin bleeds heavily.
Apixaban is a tablet that blocks a clotting factor and needs no regular blood tests.
The usual dose of apixaban is 5 mg twice a day, and half of it in frail patients over 80 years.
The thrombosis clinic was founded by Professor Miriam Adler in October 1998.
The clinic calls every patient with a new clot again after 6 weeks and after 3 months.
""".strip().splitlines()

LEASES = """
A deposit is a sum of money that a tenant pays before moving into a flat.
The landlord has to return the deposit within 30 days of the end of the lease.
The amount of the deposit may not be more than 2 months of rent in any case.
A notice is the written message by which one side ends a lease of a flat.
The notice has to reach the other side at least 60 days before the lease ends.
Under the Rent Act a tenant may stay for another 90 days after such a message.
The law known as the Rent Act was passed by the parliament of the country in 1977.
A rise of the rent is announced in writing 3 months before it takes effect.
The rent may not rise by more than 15 per cent within 36 months under the Rent Act.
A sublet is a lease by which a tenant lets a part of the flat to another person.
The landlord answers a request for a sublet within 14 days or is taken to agree.
The tenants' office of the city is led by the lawyer Teresa Lindqvist since May 2018.
Repairs that cost less than 80 euros are paid by the tenant if the lease says so.
""".strip().splitlines()

APPEALS = """
An appeal is a request to a higher court to change the decision of a lower one.
The appeal has to be lodged at the High Court within 21 days of the decision.
The building of the High Court was opened in the presence of Judge Martin Oduya in 1954.
The reasons of the appeal may be handed in later, but within 45 days of the decision.
A stay is an order by which a decision is not carried out for the time being.
The High Court decides on a stay within 10 days after the request has arrived.
A bench of the High Court has 3 judges, and 5 judges where the law itself is in question.
The answer to an appeal may not be longer than 25 pages without the leave of the court.
An affidavit is a statement in writing that a person has sworn to be true.
The affidavit is signed before a notary not more than 6 months before it is used.
The rules of the High Court were revised under Chief Justice Grace Whitfield in July 2009.
The register of the High Court is open on 4 days of the week between nine and noon.
""".strip().splitlines()

WILLS = """
A will is a document in which a person says who is to have his property after death.
The will has to be signed before 2 witnesses who do not inherit anything under it.
An executor is a person who carries out what is written in a will.
The executor has to list the property within 120 days of the death.
The court may give the executor another 60 days if the property lies in several countries.
A legacy is a single thing or sum of money that is left to a named person.
A legacy that nobody claims within 18 months goes back to the estate.
The Inheritance Act gives each child a share of at least 25 per cent of the estate.
The first draft of the Inheritance Act was written by Senator Olive Marchetti in 1963.
A codicil is an addition to a will that changes a part of it.
The codicil needs the same 2 witnesses or a notary, whose fee is 75 euros.
The probate office in Harbour Street was opened by Mayor Jonas Keller in April 1987.
""".strip().splitlines()

FEES = """
A court fee is the sum of money that a person pays to have a case heard.
Persons with a low income may ask for the court fee to be lowered to 20 euros.
The fee for an appeal to the High Court is 340 euros and is paid in advance.
The fee for a copy from the land register is 12 euros for each plot of land.
A fee that was paid twice is returned within 28 days if the person asks for it.
Legal aid is a payment by the state that covers the lawyer of a person with little money.
A request for legal aid is decided within 15 days by the office of the court.
The hourly rate of lawyers under legal aid is 95 euros since January 2022.
An expert who speaks in court is paid 110 euros for each hour that begins.
The table of fees is published by the clerk Beatrice Nolan in December of every year.
Interest on late fees is 4 per cent a year from the day on which they were due.
""".strip().splitlines()


def write(folder: Path) -> Path:
    """Write the eight documents; their folder."""
    folder.mkdir(parents=True)
    (folder / "diabetes.md").write_text("# Diabetes\n\n" + _paragraphs(DIABETES))
    paragraphs = "".join(f"<p>{p}</p>" for p in _paragraphs(SEPSIS).split("\n\n"))
    (folder / "sepsis.html").write_text(f"<html><h1>Sepsis</h1>{paragraphs}</html>")
    (folder / "antibiotics.txt").write_text(_paragraphs(ANTIBIOTICS))
    (folder / "clotting.pdf").write_bytes(pdf(*(" ".join(CLOTTING[i : i + 2]) for i in range(0, len(CLOTTING), 2))))
    document = docx.Document()
    document.add_heading("Leases", 1)
    for paragraph in _paragraphs(LEASES).split("\n\n"):
        document.add_paragraph(paragraph)
    document.save(folder / "leases.docx")
    (folder / "appeals.csv").write_text("rule\n" + "".join(f'"{s}"\n' for s in APPEALS))
    (folder / "wills.jsonl").write_text("".join(f'{{"text": "{s}"}}\n' for s in WILLS))
    _xlsx(folder / "fees.xlsx", ["rule", *FEES])
    return folder


def _paragraphs(sentences: list[str]) -> str:
    return "\n\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
