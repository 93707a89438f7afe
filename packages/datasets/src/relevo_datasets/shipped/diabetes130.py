"""diabetes130: model inputs made of ICD-9 codes, by groups and frequent categories."""

from dataclasses import replace

from relevo_datasets import Dataset
from relevo_datasets.icd9 import category_derivation, group_derivation

FREQUENT = """
    008 038 041 153 162 197 198 244 250 272 276 278 280 285 287 294 295 296 305 357 401
    402 403 410 411 412 413 414 415 424 425 426 427 428 433 434 435 438 440 453 458 482
    486 491 493 496 507 511 518 530 535 558 560 562 571 574 577 578 584 585 590 592 593
    599 648 682 707 715 722 724 733 780 785 786 787 788 789 799 820 824 996 997 998 V15
    V45 V57 V58
"""
"""ICD-9 categories that 300 of the published encounters or more have at one position."""


def special(dataset: Dataset) -> Dataset:
    """The dataset with two derivations of each diagnosis."""
    derivations = tuple(
        derivation
        for diagnosis in ("diag_1", "diag_2", "diag_3")
        for derivation in (
            group_derivation(diagnosis),
            category_derivation(diagnosis, FREQUENT.split()),
        )
    )
    return replace(dataset, derivations=derivations)
