"""Eight documents of a ward and a law office, in eight formats, with sentences that questions can be made of."""

import docx
import openpyxl

from tests.knowledge.documents import pdf

METFORMIN = (
    "Metformin is a medicine that lowers the blood sugar of adults with type 2 diabetes.",
    "The usual starting dose of metformin is 500 mg twice a day with the main meals.",
    "Kidney function is checked before treatment with metformin begins and then once in 12 months.",
)
SEPSIS = (
    "Sepsis is a reaction of the whole body to an infection that damages its own organs.",
    "Patients with sepsis are given antibiotics within 60 minutes of the first suspicion.",
    "Two pairs of blood cultures are taken from patients with sepsis before the first dose is given.",
    "The sepsis protocol of the ward was written by Doctor Helena Brandt in March 2019.",
)
AMOXICILLIN = (
    "Amoxicillin is an antibiotic that is used against infections of the ear and of the lung.",
    "Adults with pneumonia are given 875 mg of amoxicillin every 12 hours on this ward.",
    "Treatment with amoxicillin lasts for 7 days in patients without other diseases.",
)
WARFARIN = (
    "Warfarin is an anticoagulant that is taken by patients with an artificial heart valve.",
    "The first dose of warfarin is 5 mg in the evening, and the blood is tested after 3 days.",
    "A patient who takes warfarin carries a card that was designed by Nurse Paula Ortiz in 2011.",
)
DEPOSIT = (
    "A deposit is a sum of money that a tenant pays before moving into a flat.",
    "The landlord has to return the deposit within 30 days of the end of the lease.",
    "The amount of the deposit may not be more than 2 months of rent in any case.",
)
NOTICE = (
    "A notice is the written message by which one side ends a lease of a flat.",
    "The notice has to reach the other side at least 60 days before the lease ends.",
    "Under the Rent Act a tenant may stay for another 90 days after such a message.",
    "The law known as the Rent Act was passed by the parliament of the country in 1977.",
)
APPEAL = (
    "An appeal is a request to a higher court to change the decision of a lower one.",
    "The appeal has to be lodged at the High Court within 21 days of the decision.",
    "The building of the High Court was opened in the presence of Judge Martin Oduya in 1954.",
)
FEES = (
    "A court fee is the sum of money that a person pays to have a case heard.",
    "Persons with a low income may ask for the court fee to be lowered to 20 euros.",
)


def write(folder):
    """Write the eight documents; their folder."""
    folder.mkdir(parents=True)
    (folder / "metformin.md").write_text("# Metformin\n\n" + " ".join(METFORMIN))
    (folder / "sepsis.html").write_text(f"<html><h1>Sepsis</h1><p>{' '.join(SEPSIS)}</p></html>")
    (folder / "amoxicillin.txt").write_text(" ".join(AMOXICILLIN))
    (folder / "warfarin.pdf").write_bytes(pdf(*WARFARIN))
    _docx(folder / "deposit.docx", "Deposits", DEPOSIT)
    (folder / "notice.csv").write_text("topic,rule\n" + "".join(f'notice,"{s}"\n' for s in NOTICE))
    (folder / "appeal.jsonl").write_text("".join(f'{{"text": "{s}"}}\n' for s in APPEAL))
    _xlsx(folder / "fees.xlsx", FEES)
    return folder


def _docx(path, heading, sentences):
    document = docx.Document()
    document.add_heading(heading, 1)
    document.add_paragraph(" ".join(sentences))
    document.save(path)


def _xlsx(path, sentences):
    book = openpyxl.Workbook()
    for sentence in sentences:
        book.active.append([sentence])
    book.save(path)
