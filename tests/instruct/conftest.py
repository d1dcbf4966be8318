import pytest

from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.run import Addition

SEPSIS = (
    "Antibiotics are given within one hour of the diagnosis of sepsis, after blood cultures have been taken. "
    "A lactate above 2 mmol/l means that tissue gets too little oxygen. "
    "Fluid of 30 ml per kg is given within three hours where the blood pressure is low."
)
WARFARIN = (
    "Warfarin acts on vitamin K, and its effect is measured as INR. "
    "A target INR between 2 and 3 holds for most patients with atrial fibrillation. "
    "Ibuprofen raises the risk of bleeding under warfarin."
)
LEASES = (
    "A lease of a flat runs for three years and may be renewed once, if the tenant asks two months before it ends. "
    "The deposit is at most three months of rent. Small repairs up to 100 euros are borne by the tenant."
)


@pytest.fixture
def pool(tmp_path):
    """A pool of two documents, one of them with two headings."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "ward.md").write_text(f"# Sepsis\n{SEPSIS}\n\n# Warfarin\n{WARFARIN}\n")
    (library / "leases.txt").write_text(LEASES)
    folder = tmp_path / "pool"
    Addition(Pool(folder), Additions(out=str(folder), documents=(str(library),))).run()
    return folder
