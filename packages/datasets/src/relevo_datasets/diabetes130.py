"""diabetes130: hospital encounters of people with diabetes; do they come back?

Diabetes 130-US Hospitals 1999-2008 (UCI no. 296, doi:10.24432/C5230J, CC BY 4.0), made
by Strack et al. 2014 (doi:10.1155/2014/781670). One row is one encounter.

* "?" is missing; "None" in max_glu_serum and A1Cresult is a value: not measured.
* ids that say that nothing is known (NULL, Not Available …) are missing.
* `weight` is not a feature: 97 % of it is missing, and whether it is there tells the
  hospital rather than the patient.
* Encounters that end in death or hospice are no part of the task: nobody comes back.
* A patient has up to 40 encounters: the patient is the group that splits keep together.
"""

from collections.abc import Mapping

import pandas as pd
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_contracts.manifest import SourceWords
from relevo_datasets import diabetes130_ids as ids
from relevo_datasets.dataset import GROUP, ROW_ID, TARGET, Cleaned, Dataset
from relevo_datasets.icd9 import CODE_PATTERN, category_derivation, group_derivation
from relevo_datasets.reading import read, typed, unseen_values


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RAW_COLUMNS = _words("""
    encounter_id patient_nbr race gender age weight admission_type_id
    discharge_disposition_id admission_source_id time_in_hospital payer_code
    medical_specialty num_lab_procedures num_procedures num_medications
    number_outpatient number_emergency number_inpatient diag_1 diag_2 diag_3
    number_diagnoses max_glu_serum A1Cresult metformin repaglinide nateglinide
    chlorpropamide glimepiride acetohexamide glipizide glyburide tolbutamide
    pioglitazone rosiglitazone acarbose miglitol troglitazone tolazamide examide
    citoglipton insulin glyburide-metformin glipizide-metformin
    glimepiride-pioglitazone metformin-rosiglitazone metformin-pioglitazone change
    diabetesMed readmitted
""")

DRUGS = RAW_COLUMNS[RAW_COLUMNS.index("metformin") : RAW_COLUMNS.index("change")]

OUTCOMES: dict[str, dict[str, int]] = {
    "<30": {"NO": 0, ">30": 0, "<30": 1},
    "any": {"NO": 0, ">30": 1, "<30": 1},
}
"""Per target, the class that each value of `readmitted` is."""

NEVER_BACK = "died or went to a hospice: cannot be readmitted"

RACES = _words("AfricanAmerican Asian Caucasian Hispanic Other")

AGES = tuple(f"[{decade}-{decade + 10})" for decade in range(0, 100, 10))

SPECIALTIES = _words("""
    AllergyandImmunology Anesthesiology Anesthesiology-Pediatric Cardiology
    Cardiology-Pediatric DCPTEAM Dentistry Dermatology Emergency/Trauma Endocrinology
    Endocrinology-Metabolism Family/GeneralPractice Gastroenterology Gynecology
    Hematology Hematology/Oncology Hospitalist InfectiousDiseases InternalMedicine
    Nephrology Neurology Neurophysiology Obsterics&Gynecology-GynecologicOnco
    Obstetrics ObstetricsandGynecology Oncology Ophthalmology Orthopedics
    Orthopedics-Reconstructive Osteopath Otolaryngology OutreachServices Pathology
    Pediatrics Pediatrics-AllergyandImmunology Pediatrics-CriticalCare
    Pediatrics-EmergencyMedicine Pediatrics-Endocrinology
    Pediatrics-Hematology-Oncology Pediatrics-InfectiousDiseases Pediatrics-Neurology
    Pediatrics-Pulmonology Perinatology PhysicalMedicineandRehabilitation
    PhysicianNotFound Podiatry Proctology Psychiatry Psychiatry-Addictive
    Psychiatry-Child/Adolescent Psychology Pulmonology Radiologist Radiology Resident
    Rheumatology Speech SportsMedicine Surgeon Surgery-Cardiovascular
    Surgery-Cardiovascular/Thoracic Surgery-Colon&Rectal Surgery-General
    Surgery-Maxillofacial Surgery-Neuro Surgery-Pediatric Surgery-Plastic
    Surgery-PlasticwithinHeadandNeck Surgery-Thoracic Surgery-Vascular
    SurgicalSpecialty Urology
""")

PAYERS = _words("BC CH CM CP DM FR HM MC MD MP OG OT PO SI SP UN WC")

FREQUENT_CATEGORIES = _words("""
    008 038 041 153 162 197 198 244 250 272 276 278 280 285 287 294 295 296 305 357 401
    402 403 410 411 412 413 414 415 424 425 426 427 428 433 434 435 438 440 453 458 482
    486 491 493 496 507 511 518 530 535 558 560 562 571 574 577 578 584 585 590 592 593
    599 648 682 707 715 722 724 733 780 785 786 787 788 789 799 820 824 996 997 998 V15
    V45 V57 V58
""")
"""ICD-9 categories that 300 of the published encounters or more have at one position."""


def _count(name: str, minimum: int, maximum: int, description: str) -> Feature:
    return Feature(
        name=name,
        kind="integer",
        raw_name=name,
        description=description,
        minimum=minimum,
        maximum=maximum,
    )


def _word(
    name: str,
    categories: tuple[str, ...],
    description: str,
    *,
    raw_name: str | None = None,
    nullable: bool = False,
    required: bool = True,
) -> Feature:
    return Feature(
        name=name,
        kind="category",
        raw_name=raw_name or name,
        description=description,
        required=required,
        nullable=nullable,
        categories=categories,
    )


def _drug(raw_name: str) -> Feature:
    """A request may leave every drug out but insulin: it was not given then."""
    required = raw_name == "insulin"
    return Feature(
        name=raw_name.replace("-", "_"),
        kind="category",
        raw_name=raw_name,
        description=f"{raw_name}: not given, or given with the dose kept, raised, lowered",
        required=required,
        default=None if required else "No",
        categories=("No", "Steady", "Up", "Down"),
    )


def _flag(name: str, raw_name: str, description: str) -> Feature:
    return Feature(name=name, kind="boolean", raw_name=raw_name, description=description)


def _diagnosis(name: str, description: str) -> Feature:
    return Feature(
        name=name,
        kind="code",
        raw_name=name,
        description=description,
        nullable=True,
        pattern=CODE_PATTERN,
    )


def _id(name: str, what: str, meanings: Mapping[str, str]) -> Feature:
    """An id of the source; those that are missing values or end all return are none."""
    known = ids.with_meaning(meanings)
    described = "; ".join(f"{key} {meaning}" for key, meaning in known.items())
    return Feature(
        name=name,
        kind="identifier",
        raw_name=name,
        description=f"{what}: {described}",
        nullable=True,
        categories=tuple(known),
    )


FEATURES = (
    _word("race", RACES, "race as recorded", nullable=True),
    _word("gender", ("Female", "Male"), "gender as recorded", nullable=True),
    _word("age_bucket", AGES, "age in years, in steps of ten", raw_name="age"),
    _count("time_in_hospital", 1, 14, "days from admission to discharge"),
    _count("num_lab_procedures", 0, 200, "laboratory tests during the stay"),
    _count("num_procedures", 0, 20, "other procedures during the stay"),
    _count("num_medications", 0, 150, "different medications during the stay"),
    _count("number_outpatient", 0, 366, "outpatient visits in the year before"),
    _count("number_emergency", 0, 366, "emergency visits in the year before"),
    _count("number_inpatient", 0, 366, "inpatient stays in the year before"),
    _count("number_diagnoses", 0, 50, "diagnoses entered for the stay"),
    _word(
        "max_glu_serum",
        ("None", "Norm", ">200", ">300"),
        "highest glucose in serum, mg/dl; None: not measured",
    ),
    _word(
        "a1c_result",
        ("None", "Norm", ">7", ">8"),
        "HbA1c in percent; None: not measured",
        raw_name="A1Cresult",
    ),
    _drug("insulin"),
    *(_drug(raw_name) for raw_name in DRUGS if raw_name != "insulin"),
    _flag("change_med", "change", "a diabetes medication was changed"),
    _flag("diabetes_med", "diabetesMed", "a diabetes medication was prescribed"),
    _diagnosis("diag_1", "primary diagnosis, ICD-9-CM"),
    _diagnosis("diag_2", "secondary diagnosis, ICD-9-CM"),
    _diagnosis("diag_3", "further secondary diagnosis, ICD-9-CM"),
    _word("medical_specialty", SPECIALTIES, "of the admitting physician", nullable=True),
    _word("payer_code", PAYERS, "who pays for the stay", nullable=True, required=False),
    _id("admission_type_id", "kind of admission", ids.ADMISSION_TYPES),
    _id("discharge_disposition_id", "where the patient went", ids.DISCHARGE_DISPOSITIONS),
    _id("admission_source_id", "where the patient came from", ids.ADMISSION_SOURCES),
)

KEYS = tuple(
    Feature(name=name, kind="identifier", raw_name=raw_name, description=description)
    for name, raw_name, description in (
        (ROW_ID, "encounter_id", "the encounter"),
        (GROUP, "patient_nbr", "the patient"),
    )
)

WORDS = SourceWords(
    missing=("", "?"),
    truths={"Yes": True, "Ch": True, "No": False},
    unknown={
        "gender": ("Unknown/Invalid",),
        "admission_type_id": ids.without_meaning(ids.ADMISSION_TYPES),
        "discharge_disposition_id": ids.without_meaning(ids.DISCHARGE_DISPOSITIONS),
        "admission_source_id": ids.without_meaning(ids.ADMISSION_SOURCES),
    },
    ignored=("encounter_id", "patient_nbr", "weight", "readmitted"),
)


def clean(raw: pd.DataFrame, target: str) -> Cleaned:
    """Read the encounters, put aside what cannot be read, remove what has no return.

    Raises KeyError for a target that the dataset does not have.
    """
    classes = OUTCOMES[target]
    reading = read(raw, (*KEYS, *FEATURES), WORDS)
    values, faults = reading.values, reading.faults
    outcome = raw["readmitted"].astype("str").str.strip()
    faults.note(~outcome.isin(classes), "readmitted", f"is none of {', '.join(classes)}")
    repeated = values.loc[faults.readable, ROW_ID].duplicated()
    again = repeated.reindex(raw.index, fill_value=False)
    faults.note(again, "encounter_id", "is that of an earlier row")

    ended = values["discharge_disposition_id"].isin(ids.DEATH_OR_HOSPICE)
    kept = faults.readable & ~ended
    frame = typed(values[kept], (*KEYS, *FEATURES)).reset_index(drop=True)
    frame[TARGET] = outcome[kept].map(classes).astype("int8").to_numpy()
    return Cleaned(
        frame=frame,
        quarantined=faults.quarantined(raw),
        removed={NEVER_BACK: int((faults.readable & ended).sum())},
        unseen=unseen_values(frame, FEATURES),
    )


EXAMPLE: Mapping[str, JsonValue] = {
    "race": "Caucasian",
    "gender": "Female",
    "age_bucket": "[70-80)",
    "time_in_hospital": 3,
    "num_lab_procedures": 41,
    "num_procedures": 0,
    "num_medications": 11,
    "number_outpatient": 0,
    "number_emergency": 0,
    "number_inpatient": 0,
    "number_diagnoses": 6,
    "max_glu_serum": "None",
    "a1c_result": "None",
    "insulin": "Steady",
    "change_med": True,
    "diabetes_med": True,
    "diag_1": "428",
    "diag_2": "250.01",
    "diag_3": "401",
    "medical_specialty": "Cardiology",
    "admission_type_id": 1,
    "discharge_disposition_id": 1,
    "admission_source_id": 7,
}
"""A public example of this problem."""

DIABETES130 = Dataset(
    name="diabetes130",
    title="Diabetes 130-US hospitals: readmission",
    raw_columns=RAW_COLUMNS,
    features=FEATURES,
    derivations=tuple(
        derivation
        for diagnosis in ("diag_1", "diag_2", "diag_3")
        for derivation in (
            group_derivation(diagnosis),
            category_derivation(diagnosis, FREQUENT_CATEGORIES),
        )
    ),
    targets=tuple(OUTCOMES),
    labels={
        "<30": ("not readmitted within 30 days", "readmitted within 30 days"),
        "any": ("not readmitted", "readmitted"),
    },
    slices=("age_bucket", "race", "gender"),
    clean=clean,
    words=WORDS,
    example=EXAMPLE,
)
