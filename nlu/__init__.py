"""From text to labels, evidence and scores by a model tailored to a label sheet."""
