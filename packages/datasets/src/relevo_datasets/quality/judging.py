"""What becomes of a raw batch: cleaned, split, reported, judged by the gate; pure."""

from dataclasses import dataclass

import pandas as pd

from relevo_contracts import Target
from relevo_datasets.cleaning import clean
from relevo_datasets.dataset import GROUP, SPLIT, Dataset
from relevo_datasets.quality.gate import Limits, refusal
from relevo_datasets.quality.report import QualityReport
from relevo_datasets.quality.reporting import report_of
from relevo_datasets.quality.usual import Usual
from relevo_datasets.splitting import USUAL_RATIOS, USUAL_SALT, SplitRatios, splits_of


@dataclass(frozen=True)
class Judged:
    """The clean rows with their SPLIT; refusal: why the gate would not let them pass.

    quarantined: as in `Cleaned`.
    """

    frame: pd.DataFrame
    quarantined: pd.DataFrame
    report: QualityReport
    refusal: str | None


def judge(
    raw: pd.DataFrame,
    dataset: Dataset,
    target: Target,
    *,
    limits: Limits,
    usual: Usual,
    ratios: SplitRatios = USUAL_RATIOS,
    salt: str = USUAL_SALT,
    batch_id: str = "",
) -> Judged:
    """What becomes of the rows; raw: all raw columns as text, missing where there is none.

    usual: of the batches that were accepted before.
    """
    cleaned = clean(dataset, raw, target.name)
    splits = splits_of(cleaned.frame[GROUP], ratios, salt=salt)
    frame = cleaned.frame.assign(**{SPLIT: splits})
    report = report_of(
        cleaned, frame, raw, batch_id=batch_id, dataset=dataset, target=target
    )
    refused = refusal(report, limits, usual)
    return Judged(frame, cleaned.quarantined, report, refused)
