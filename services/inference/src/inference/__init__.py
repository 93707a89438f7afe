"""Answers POST /predict and swaps its model on model.promoted."""
