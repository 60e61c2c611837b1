"""Calibration fitted to held-out records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit, log_softmax

from nlu.decisions.calibration import TINY, Calibration, Method, logits_of
from nlu.measures.calibration_error import calibration_error
from nlu.measures.intervals import Flags, Floats
from nlu.training.choosing.cross_fitting import FOLDS, cross_fitted, random_folds

# A label with fewer positives (or negatives) keeps the temperature: where 20 were enough, isotonic steps
# raised the log loss on 9 sets in 10; from 50 on as often as not, and by .01 at most.
FEW_FOR_ISOTONIC = 50
# Strength of the pull towards factor 1 and bias 0, as of one document: it only keeps labels that dev hardly
# has where they are.
_RIDGE = 1.0


def fit_calibration(
    probabilities: Floats, truth: Flags, method: Method, *, exclusive: bool, seed: int = 13
) -> Calibration | None:
    """The calibration of (documents, labels) probabilities from what is true of the documents.

    None where nothing is asked for or nothing can be learned: fewer documents than folds, or every document
    alike. `exclusive` says that exactly one label is true of each document.
    """
    if method == "none" or len(truth) < FOLDS or (truth == truth[0]).all():
        return None
    folds = random_folds(len(truth), np.random.default_rng(seed))
    scaled = cross_fitted(
        probabilities, truth, folds, lambda p, t: _scale(p, t, exclusive, biased=False).apply
    )
    shifted = cross_fitted(
        probabilities, truth, folds, lambda p, t: _scale(p, t, exclusive, biased=True).apply
    )
    biased = _log_loss(shifted, truth, exclusive) < _log_loss(scaled, truth, exclusive)
    calibration = _scale(probabilities, truth, exclusive, biased=biased)
    held_out = shifted if biased else scaled
    if method == "isotonic":
        calibration = _with_curves(calibration, probabilities, truth)
        held_out = cross_fitted(
            probabilities,
            truth,
            folds,
            lambda p, t: _with_curves(_scale(p, t, exclusive, biased=biased), p, t).apply,
        )
    return replace(
        calibration,
        error_before=calibration_error(probabilities, truth, exclusive=exclusive),
        error_after=calibration_error(held_out, truth, exclusive=exclusive),
    )


def fit_sigmoid(
    logits: Floats, truth: Flags, around: tuple[float, float] = (1.0, 0.0)
) -> tuple[float, float]:
    """Factor and bias of `expit(factor × logit + bias)` by maximum likelihood (Platt 1999), drawn a little
    towards `around`; the factor is above 0, so that the order stays."""

    def loss(parameters: Floats) -> tuple[float, Floats]:
        factor, bias = np.exp(parameters[0]), parameters[1]
        values = factor * logits + bias
        away = parameters - start
        error = expit(values) - truth
        value = np.logaddexp(0, np.where(truth, -values, values)).sum() + _RIDGE / 2 * (away**2).sum()
        slope = np.array([(error * logits).sum() * factor, error.sum()]) + _RIDGE * away
        return float(value), slope

    start = np.array([np.log(around[0]), around[1]])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-4, 4), (None, None)]).x
    return float(np.exp(found[0])), float(found[1])


def _scale(probabilities: Floats, truth: Flags, exclusive: bool, *, biased: bool) -> Calibration:
    logits = logits_of(probabilities, exclusive)
    labels = truth.shape[1]
    if exclusive:
        factor, biases = _fit_softmax(logits, truth, biased)
        return Calibration(True, (factor,) * labels, tuple(biases))
    together = fit_sigmoid(logits.ravel(), truth.ravel())
    if not biased:
        return Calibration(False, (together[0],) * labels, (together[1],) * labels)
    single = [fit_sigmoid(logits[:, label], truth[:, label], together) for label in range(labels)]
    factors, shifts = zip(*single, strict=True)
    return Calibration(False, factors, shifts)


def _fit_softmax(logits: Floats, truth: Flags, biased: bool) -> tuple[float, Sequence[float]]:
    def loss(parameters: Floats) -> tuple[float, Floats]:
        factor = np.exp(parameters[0])
        values = factor * logits + parameters[1:]
        kept = log_softmax(values, axis=1)
        error = np.exp(kept) - truth
        slope = np.concatenate([[(error * logits).sum() * factor], error.sum(axis=0)])
        slope = slope + _RIDGE * parameters
        if not biased:
            slope[1:] = 0.0
        return float(-kept[truth].sum() + _RIDGE / 2 * (parameters**2).sum()), slope

    labels = logits.shape[1]
    bounds = [(-4.0, 4.0)] + [(None, None)] * labels
    found = minimize(loss, np.zeros(labels + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(np.exp(found[0])), [float(value) for value in found[1:]]


def _with_curves(calibration: Calibration, probabilities: Floats, truth: Flags) -> Calibration:
    scaled = calibration.apply(probabilities)
    curves = tuple(_curve(scaled[:, label], truth[:, label]) for label in range(truth.shape[1]))
    return replace(calibration, curves=curves)


def _curve(probabilities: Floats, truth: Flags) -> tuple[tuple[float, float], ...]:
    """Isotonic regression with every flat stretch drawn together to its middle (centered isotonic
    regression, Oron and Flournoy 2017) and none at 0 or 1: no order is lost, nothing impossible or sure.
    Empty where the label has few documents."""
    if min(truth.sum(), (~truth).sum()) < FEW_FOR_ISOTONIC:
        return ()
    order = np.argsort(probabilities, kind="stable")
    ascending = probabilities[order]
    steps = isotonic_regression(truth[order].astype(np.float64)).x
    values, place = np.unique(steps, return_inverse=True)
    middles = np.bincount(place, weights=ascending) / np.bincount(place)
    inner = [(float(x), float(y)) for x, y in zip(middles, values, strict=True) if 0 < y < 1]
    return ((0.0, 0.0), *inner, (1.0, 1.0))


def _log_loss(probabilities: Floats, truth: Flags, exclusive: bool) -> float:
    held = np.clip(probabilities, TINY, 1 - TINY)
    if exclusive:
        return float(-np.log(held[truth]).mean())
    return float(-np.where(truth, np.log(held), np.log1p(-held)).mean())
